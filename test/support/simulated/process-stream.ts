import type { ChildProcessByStdio } from 'node:child_process'
import { Duplex, type Readable, type Writable } from 'node:stream'

/** What a process reads and writes as one stream; destroyed, it closes both and reports no error. */
export class ProcessStream extends Duplex {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>

  constructor(process: ChildProcessByStdio<Writable, Readable, Readable>) {
    super()
    this.#process = process
    process.stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) process.stdout.pause()
    })
    process.stdout.once('end', () => this.push(null))
    // it may end while something is on its way to it; the reader's side tells
    process.stdin.on('error', () => this.destroy())
    process.once('close', () => this.destroy())
  }

  override _read(): void {
    this.#process.stdout.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#process.stdin.write(chunk, () => done())
  }

  override _final(done: () => void): void {
    this.#process.stdin.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#process.stdin.destroy()
    this.#process.stdout.destroy()
    done(error)
  }
}
