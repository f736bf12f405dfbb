import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const directory = join(homedir(), '.cache', 'kubestrap', 'e2e')

/** Machines of the end-to-end tests: names, bridge and subnet of their own, so that a quickstart lab may run beside them. */
export const machines = { tcp1: '10.89.0.11', tw1: '10.89.0.21', tw2: '10.89.0.22' } as const
export type MachineName = keyof typeof machines
export const names: readonly MachineName[] = ['tcp1', 'tw1', 'tw2']

export interface Ran {
  code: number
  stdout: string
  stderr: string
}

/** Runs a program; any exit code is an answer. */
export function run(program: string, args: readonly string[], timeoutMs = 600_000): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      { timeout: timeoutMs, maxBuffer: 256 * 1024 * 1024, cwd: root },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 255
        resolve({ code, stdout, stderr })
      },
    )
  })
}

export const kubestrap = (...args: string[]): Promise<Ran> =>
  run(process.execPath, ['bin/kubestrap.js', ...args])

/** The lab inventory with the tests' own machines, and `edit` applied to its text; written to a file. Returns its path. */
export function inventory(name: string, edit: (text: string) => string = (text) => text): string {
  const text = readFileSync(join(root, 'inventories/lab.yaml'), 'utf8')
    .replaceAll('10.88.0.', '10.89.0.')
    .replaceAll('.cache/kubestrap/lab', '.cache/kubestrap/e2e/lab')
    .replace('ks-lab0', 'ks-e2e0')
    .replace(/^ {2}(cp1|w1|w2):/gm, '  t$1:')
  mkdirSync(directory, { recursive: true })
  const file = join(directory, `${name}.yaml`)
  const edited = edit(text)
  if (name !== 'lab' && edited === text) throw new Error(`the edit for ${name} changes nothing`)
  writeFileSync(file, edited)
  return file
}

/** Runs a script on a machine as root, by the system's own ssh, not by what is under test. */
export async function on(machine: MachineName, script: string): Promise<string> {
  const keys = join(directory, 'lab', 'ssh')
  const ran = await run('ssh', [
    '-o',
    'BatchMode=yes',
    '-o',
    'IdentitiesOnly=yes',
    '-o',
    `UserKnownHostsFile=${join(keys, 'known_hosts')}`,
    '-i',
    join(keys, 'id_ed25519'),
    `root@${machines[machine]}`,
    script,
  ])
  if (ran.code !== 0) throw new Error(`${machine}: exit ${ran.code}: ${ran.stderr}`)
  return ran.stdout
}

/** Why these tests cannot run here; undefined when they can. */
export function whyNot(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux'
  if (process.getuid?.() !== 0) return 'needs root'
  return undefined
}
