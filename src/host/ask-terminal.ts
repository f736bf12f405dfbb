import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { ReadStream } from 'node:tty'
import { UserError } from '../lib/errors.js'
import { Secret } from '../lib/secret.js'
import { visibleLine } from '../lib/visible.js'
import type { Ask } from './secrets.js'

/** Asks on the controlling terminal, wherever input and output go; undefined when there is none. */
export function terminal(): Ask | undefined {
  const fd = openTerminal()
  if (fd === undefined) return undefined
  closeSync(fd)
  return ask
}

/** Nothing typed is shown. Throws UserError('interrupted') for Ctrl-C and Ctrl-D. */
function ask(question: string): Promise<Secret> {
  const fd = openTerminal()
  if (fd === undefined) return Promise.reject(new UserError('connection', 'the terminal was closed'))
  const input = new ReadStream(fd)
  input.setRawMode(true)
  // a host's question too: it may not move the cursor
  writeSync(fd, visibleLine(question))
  return new Promise((resolve, reject) => {
    let typed = ''
    const end = (finish: () => void): void => {
      input.removeAllListeners('data')
      input.setRawMode(false)
      writeSync(fd, '\n')
      input.destroy()
      finish()
    }
    input.on('data', (chunk: Buffer) => {
      for (const c of chunk.toString()) {
        if (c === '\r' || c === '\n') return end(() => resolve(new Secret(typed)))
        if (c === '\u0003' || c === '\u0004')
          return end(() => reject(new UserError('interrupted', 'interrupted at a prompt')))
        if (c === '\u007f' || c === '\b') typed = [...typed].slice(0, -1).join('')
        else if (c === '\u0015') typed = ''
        else typed += c
      }
    })
    input.once('error', (error) => end(() => reject(error)))
  })
}

function openTerminal(): number | undefined {
  try {
    return openSync('/dev/tty', constants.O_RDWR | constants.O_NOCTTY)
  } catch {
    // ENXIO, ENOENT, EACCES: all mean that nobody sits there
    return undefined
  }
}
