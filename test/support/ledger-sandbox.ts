import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Scripts that keep a ledger, run by a real sh with the ledger in a directory of its own. */
export interface LedgerSandbox {
  /** Where the test's files go. */
  root: string
  /** The ledger's text. */
  ledger(): string
  /** The copy kept of a path, or undefined. */
  before(path: string): string | undefined
  /** Runs a script with arguments; its stdout. Throws unless it exits 0. */
  run(script: string, args: readonly string[], stdin?: string): string
  /** Every path below root with its type, mode and content. */
  listing(): Record<string, string>
  remove(): void
}

export function ledgerSandbox(): LedgerSandbox {
  const directory = mkdtempSync(join(tmpdir(), 'ks-ledger-'))
  const root = join(directory, 'root')
  const state = join(directory, 'state')
  const programs = join(directory, 'bin')
  mkdirSync(root)
  mkdirSync(programs)
  // this machine's units are not to be asked, let alone changed
  writeFileSync(join(programs, 'systemctl'), '#!/bin/sh\nexit 0\n')
  chmodSync(join(programs, 'systemctl'), 0o755)
  const read = (path: string): string | undefined => {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return undefined
    }
  }
  return {
    root,
    ledger: () => read(join(state, 'ledger')) ?? '',
    before: (path) => read(join(state, 'before', path)),
    run: (script, args, stdin = '') => {
      const own = script.replaceAll('/var/lib/kubestrap', state)
      const env = { ...process.env, PATH: `${programs}:${process.env.PATH}` }
      const ran = spawnSync('/bin/sh', ['-c', own, 'sh', ...args], { input: stdin, encoding: 'utf8', env })
      if (ran.status !== 0) throw new Error(`exit ${ran.status}: ${ran.stderr}`)
      return ran.stdout
    },
    listing: () => Object.fromEntries(walk(root).map((path) => [path, describe(path)])),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

/** Writes a file, with the directories above it. */
export function put(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

function walk(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name)
    return entry.isDirectory() ? [path, ...walk(path)] : [path]
  })
}

function describe(path: string): string {
  const link = spawnSync('test', ['-L', path]).status === 0
  if (link) return `link to ${readlinkSync(path)}`
  const { mode } = statSync(path)
  const bits = (mode & 0o7777).toString(8)
  return statSync(path).isDirectory() ? 'directory' : `file ${bits} ${readFileSync(path, 'utf8')}`
}
