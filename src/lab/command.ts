import { spawn } from 'node:child_process'
import { UserError } from '../lib/errors.js'

export interface Finished {
  code: number
  stdout: string
  stderr: string
}

export interface CommandOptions {
  /** Told each line of output as it comes. */
  onLine?: (line: string) => void
  cwd?: string
  env?: NodeJS.ProcessEnv
}

/** Runs a program of this machine and waits for it; any exit code is an answer. Throws UserError('preflight') when it cannot be started. */
export function command(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.cwd ? { cwd: options.cwd } : {}),
      ...(options.env ? { env: options.env } : {}),
    })
    const said = { stdout: '', stderr: '' }
    const listen = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
      said[stream] += chunk
      for (const line of chunk.toString().split('\n')) if (line.trim()) options.onLine?.(line.trim())
    }
    child.stdout.on('data', listen('stdout'))
    child.stderr.on('data', listen('stderr'))
    child.once('error', (error) =>
      reject(new UserError('preflight', `cannot run ${program}`, { why: error.message, cause: error })),
    )
    child.once('close', (code) => resolve({ code: code ?? 255, ...said }))
  })
}

/** As `command`, and an exit code other than 0 is a UserError with the program's last words. Returns stdout. */
export async function must(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const done = await command(program, args, options)
  if (done.code === 0) return done.stdout
  const words = `${done.stderr}\n${done.stdout}`.trim().split('\n').slice(-20).join('\n')
  throw new UserError(
    'preflight',
    `${program} ${args.slice(0, 3).join(' ')} … failed with exit code ${done.code}`,
    { why: words },
  )
}
