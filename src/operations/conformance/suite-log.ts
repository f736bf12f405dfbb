import { createWriteStream } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { redact } from '../../lib/secret.js'
import { visible } from '../../lib/visible.js'

/** What a suite writes, kept in a file: without secrets, and without what a terminal would obey. */
export interface SuiteLog {
  add(chunk: Buffer): void
  /** Its last lines, at most a dozen. */
  tail(): string
  /** Resolves when all of it is written. Rejects when it could not be. */
  close(): Promise<void>
}

const tailLines = 12
/** A line is cut into pieces of so many characters. */
const longestLine = 64 * 1024

/** @param onLine told of each line */
export function openSuiteLog(path: string, onLine: (line: string) => void): SuiteLog {
  const decoder = new StringDecoder('utf8')
  const file = createWriteStream(path, { flags: 'wx', mode: 0o644 })
  let failed: Error | undefined
  file.on('error', (error) => {
    failed ??= error
  })
  const last: string[] = []
  let rest = ''
  const put = (line: string): void => {
    const text = visible(redact(line))
    if (!failed) file.write(`${text}\n`)
    if (text.trim() !== '') last.push(text.slice(0, 500))
    if (last.length > tailLines) last.shift()
    onLine(line)
  }
  const take = (text: string): void => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) put(line)
    for (; rest.length > longestLine; rest = rest.slice(longestLine)) put(rest.slice(0, longestLine))
  }
  return {
    add: (chunk) => take(decoder.write(chunk)),
    tail: () => last.join('\n'),
    close: () => {
      take(decoder.end())
      if (rest !== '') put(rest)
      rest = ''
      return new Promise((resolve, reject) => {
        if (failed) return reject(failed)
        file.once('error', reject)
        file.end(resolve)
      })
    },
  }
}
