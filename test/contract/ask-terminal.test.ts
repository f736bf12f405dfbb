import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const module = fileURLToPath(new URL('../../dist/host/ask-terminal.js', import.meta.url))
// stdin and stdout lead elsewhere, as in a pipeline: the terminal is asked all the same
const program = `
const { terminal } = await import(${JSON.stringify(module)})
const ask = terminal()
if (!ask) process.exit(3)
ask('Password: ').then((secret) => {
  const said = secret.reveal()
  process.stdout.write('got ' + Buffer.from(said).toString('hex') + '\\n')
}, (error) => process.stdout.write('error ' + error.kind + '\\n'))
`

/** What a terminal shows when these keys are pressed once the question stands there. */
async function typing(keys: string): Promise<string> {
  const line = `${process.execPath} --input-type=module -e '${program.replaceAll("'", `'\\''`)}' </dev/null | cat`
  const child = spawn('script', ['-qfec', line, '/dev/null'], { stdio: ['pipe', 'pipe', 'pipe'] })
  let shown = ''
  child.stdout.on('data', (chunk: Buffer) => {
    const asked = shown.includes('Password: ')
    shown += chunk.toString()
    if (!asked && shown.includes('Password: ')) child.stdin.write(keys)
  })
  await once(child, 'close')
  return shown.replaceAll('\r', '')
}

const hex = (text: string): string => Buffer.from(text).toString('hex')

describe.skipIf(!existsSync('/usr/bin/script'))('a question on the terminal', () => {
  it('takes a line and shows nothing of it', async () => {
    expect(await typing('häß lich\r')).toBe(`Password: \ngot ${hex('häß lich')}\n`)
  })

  it('heeds backspace and Ctrl-U', async () => {
    expect(await typing('wrong\u0015ab\u007fc\r')).toContain(`got ${hex('ac')}`)
  })

  it('ends with Ctrl-C', async () => {
    expect(await typing('ab\u0003')).toContain('error interrupted')
  })

  it('cannot be asked where there is no terminal', async () => {
    const child = spawn('setsid', ['-w', process.execPath, '--input-type=module', '-e', program], {
      stdio: 'ignore',
    })
    const [code] = await once(child, 'exit')
    expect(code).toBe(3)
  })
})
