import { Readable } from 'node:stream'
import type { Command, Connection, Outcome } from '../../../src/host/connection.js'
import { type FrameAnswer, parseFrame } from '../../../src/host/frame.js'
import { type Asked, isQuestion, readFrame } from './read-command.js'

/** One thing that was said to a host, in the order in which it had ended. */
export type Told =
  | { kind: 'question'; asked: Asked; answer: FrameAnswer; begun: number; ended: number }
  | { kind: 'command'; asked: Asked; stdin: string | undefined; stdout: string; begun: number; ended: number }

/** Hears all that goes over a connection. */
export class Recorder {
  readonly told: Told[] = []
  #clock = 0

  /** The connection, overheard. */
  on(connection: Connection): Connection {
    return {
      ...connection,
      run: async (command) => {
        const begun = ++this.#clock
        const outcome = await connection.run(command)
        this.#note(command, outcome, begun)
        return outcome
      },
    }
  }

  #note({ script, args = [], stdin }: Command, outcome: Outcome, begun: number): void {
    if (outcome.kind !== 'exited') throw new Error(`a command did not end well: ${JSON.stringify(outcome)}`)
    const ended = ++this.#clock
    const questions = readFrame(script)
    if (!questions && isQuestion({ script, args })) {
      const { code, stdout, stderr } = outcome
      const answer = { code, stdout, stderr: Buffer.from(stderr) }
      this.told.push({ kind: 'question', asked: { script, args }, answer, begun, ended })
      return
    }
    if (!questions) {
      const input = stdin === undefined || stdin instanceof Readable ? undefined : String(stdin)
      this.told.push({
        kind: 'command',
        asked: { script, args },
        stdin: input,
        stdout: outcome.stdout.toString(),
        begun,
        ended,
      })
      return
    }
    const answers = parseFrame(outcome.stdout, questions.length)
    for (const [i, asked] of questions.entries()) {
      const answer = answers[i]
      if (answer) this.told.push({ kind: 'question', asked, answer, begun, ended })
    }
  }
}
