import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import pLimit from 'p-limit'
import { UserError } from '../lib/errors.js'
import { Secret } from '../lib/secret.js'
import type { SecretReference } from './ssh-spec.js'

/** Asks the operator without echo. */
export type Ask = (question: string) => Promise<Secret>

/** A command that prints a secret may wait for a person: a touch, a PIN. */
const commandDeadlineMs = 120_000

/** Secrets the inventory refers to, each had once for a run, however many hosts want it. */
export class Secrets {
  readonly #had = new Map<string, Promise<Secret>>()
  /** One question at a time. */
  readonly #asking = pLimit(1)

  /** @param terminal undefined: nobody can be asked */
  constructor(
    readonly environment: Readonly<Record<string, string | undefined>>,
    readonly terminal: Ask | undefined,
  ) {}

  /** Whether having it means asking a person who was not asked yet. */
  wantsAsking({ source, at }: SecretReference): boolean {
    return source.kind === 'prompt' && !this.#had.has(at)
  }

  /** Throws UserError('connection') naming the reference's key and place when it cannot be had. */
  resolve(reference: SecretReference): Promise<Secret> {
    const known = this.#had.get(reference.at)
    if (known) return known
    const having = this.#have(reference)
    this.#had.set(reference.at, having)
    return having
  }

  /** One answer from the terminal. Throws UserError('connection') when there is none. */
  ask(question: string, without: string): Promise<Secret> {
    const { terminal } = this
    if (!terminal)
      return Promise.reject(
        new UserError('connection', 'there is no terminal to ask on', { why: question, next: without }),
      )
    return this.#asking(() => terminal(question))
  }

  async #have(reference: SecretReference): Promise<Secret> {
    const { source, key, at } = reference
    if (source.kind === 'prompt')
      return this.ask(`${key} (${at}): `, `run kubestrap on a terminal, or set ${key}: env:NAME at ${at}`)
    const text = (await this.#text(reference)).replace(/\r?\n$/, '')
    if (text === '' || /[\n\0]/.test(text))
      throw new UserError('connection', `${key} is ${text === '' ? 'empty' : 'more than one line'}`, {
        why: `${at} refers to ${nameOf(reference)}`,
        next: 'it must contain the secret alone, on one line',
      })
    return new Secret(text)
  }

  async #text(reference: SecretReference): Promise<string> {
    const { source, key, at } = reference
    const cannot = (why: string, next: string): UserError =>
      new UserError('connection', `cannot read ${key} from ${nameOf(reference)}`, {
        why: `${why} (${at})`,
        next,
      })
    if (source.kind === 'file')
      return readFile(source.path, 'utf8').catch((error: unknown) => {
        throw cannot(String(error), `put the secret into ${source.path}, mode 0600`)
      })
    if (source.kind === 'command') {
      const { code, stdout, stderr } = await output(source.command)
      if (code !== 0)
        throw cannot(
          stderr || `the command exited with code ${code}`,
          `run the command by hand: ${source.command}`,
        )
      return stdout
    }
    const value = source.kind === 'env' ? this.environment[source.name] : undefined
    if (value === undefined)
      throw cannot(
        `environment variable ${nameOf(reference).slice(4)} is not set`,
        'export the variable before the run',
      )
    return value
  }
}

function nameOf({ source }: SecretReference): string {
  if (source.kind === 'env') return `env:${source.name}`
  if (source.kind === 'file') return `file:${source.path}`
  return source.kind === 'command' ? `command:${source.command}` : 'the terminal'
}

function output(command: string): Promise<{ code: string | number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: commandDeadlineMs,
    })
    const said = { stdout: '', stderr: '' }
    child.stdout.on('data', (chunk: Buffer) => {
      said.stdout += chunk.toString()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      said.stderr += chunk.toString()
    })
    child.once('error', (error) => resolve({ code: -1, stdout: '', stderr: error.message }))
    child.once('close', (code, signal) =>
      resolve({ ...said, stderr: said.stderr.trim(), code: code ?? signal ?? -1 }),
    )
  })
}
