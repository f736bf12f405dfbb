import { createHash } from 'node:crypto'
import type { Exited } from '../../src/host/connection.js'
import type { FileState, FileWrite, Host, Mutation, Read } from '../../src/host/host.js'
import type { AtWork } from '../../src/host/run-scripts.js'
import { Secret } from '../../src/lib/secret.js'
import { unitsAnswer } from './units-answer.js'

export interface FakeHost extends Host {
  /** What lies there, text by path; a directory is ''. */
  files: Map<string, string>
  /** What was done, in order: "write /etc/x", "mutate restart static Pod etcd", "take over", "hold". */
  done: string[]
}

export interface FakeOptions {
  files?: Readonly<Record<string, string>>
  /** Answers a question; undefined: exit 0 and nothing said, and of units that all run. */
  answer?: (question: Read) => Partial<Exited> | undefined
  /** What is known of runs there. */
  atWork?: AtWork
  /** Told of a mutation, or answers it. */
  onMutate?: (command: Mutation) => Partial<Exited> | undefined
}

const exited = (over: Partial<Exited> = {}): Exited => ({
  kind: 'exited',
  code: 0,
  stdout: Buffer.alloc(0),
  stderr: '',
  ...over,
})

/** A host in memory, for the decisions of workflows: files, and questions answered by the test. */
export function fakeHost(
  name: string,
  { files = {}, answer, onMutate, atWork = { epoch: '', owner: undefined, busy: false } }: FakeOptions = {},
): FakeHost {
  const held = new Map(Object.entries(files))
  const done: string[] = []
  let runs: AtWork = atWork
  let later = (): void => {}
  const state = (path: string): FileState => {
    const text = held.get(path)
    if (text === undefined) return { kind: 'absent' }
    return {
      kind: 'file',
      mode: '0600',
      owner: 'root:root',
      size: text.length,
      sha256: createHash('sha256').update(text).digest('hex'),
      content: Buffer.from(text),
    }
  }
  const put = ({ path, content }: FileWrite): void => {
    later()
    held.set(path, content instanceof Secret ? content.reveal() : content.toString())
    done.push(`write ${path}`)
  }
  return {
    name,
    connection: {
      description: name,
      run: async () => ({ kind: 'lost', reason: 'no connection here' }),
      openTcp: async () => {
        throw new Error(`${name} is reached by nobody`)
      },
      close: async () => {},
    },
    roundTrips: 0,
    files: held,
    done,
    read: async (question) => exited(answer?.(question) ?? unitsAnswer(question)),
    stat: async (path) => state(path),
    mutate: async (command) => {
      later()
      done.push(`mutate ${command.what ?? command.script}`)
      return exited(onMutate?.(command))
    },
    write: async (file) => put(file),
    upload: async (_source, path) => {
      later()
      done.push(`upload ${path}`)
    },
    pipe: async (_source, { what, script }) => {
      later()
      done.push(`mutate ${what ?? script}`)
    },
    atWork: async () => runs,
    takeOver: async (epoch, words) => {
      done.push('take over')
      const before = runs
      runs = { epoch, owner: words, busy: false }
      return before
    },
    takeOverAgain: async () => void done.push('take over again'),
    takeOverLater: (epoch, words) => {
      later = () => {
        later = () => {}
        done.push('take over')
        runs = { epoch, owner: words, busy: false }
      }
    },
    hold: async () => {
      const { run } = runs
      if (run?.held) return { kind: 'other', owner: run }
      done.push('hold')
      runs = { ...runs, run: undefined }
      return {
        kind: 'held',
        left: run,
        heardAt: () => performance.now(),
        ended: new Promise(() => {}),
        settle: () => {},
        letGo: async () => void done.push('let the lock go'),
      }
    },
    letGo: async () => {
      runs = { ...runs, owner: undefined }
    },
    close: async () => {},
    closed: false,
  }
}
