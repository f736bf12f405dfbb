import { execFile } from 'node:child_process'
import { createReadStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Names, bridge and subnet of the end-to-end tests' own, so that a quickstart lab may run beside them.
 * KUBESTRAP_E2E="NAME PREFIX SUBNET" ("me m 10.90.0") gives one run others, to run beside another run.
 * A file that vitest runs beside another one has a lab of its own: "e2e2", "t2", 10.89.2.
 */
const [labOf = '', prefixOf = '', subnetOf = ''] = (process.env.KUBESTRAP_E2E ?? 'e2e t 10.89.0').split(' ')
const beside = Number(process.env.VITEST_POOL_ID ?? '1')
const lab = beside === 1 ? labOf : `${labOf}${beside}`
const prefix = beside === 1 ? prefixOf : `${prefixOf}${beside}`
const subnet = beside === 1 ? subnetOf : subnetOf.replace(/\d+$/, String(beside))
/** Where the tests' inventories and the lab lie. */
export const directory = join(homedir(), '.cache', 'kubestrap', lab)

/** What `npm run chaos` is told to call its lab (KUBESTRAP_CHAOS): it stands where these tests' own stands when it is up. */
export const chaosLab = `${lab}c ${prefix} ${subnet}`

/** This side's address in the machines' network. */
export const gateway = `${subnet}.1`

/** The machines, with their addresses. */
export const lb1 = `${prefix}lb1`
export const lb2 = `${prefix}lb2`
export const cp1 = `${prefix}cp1`
export const cp2 = `${prefix}cp2`
export const cp3 = `${prefix}cp3`
export const cp4 = `${prefix}cp4`
export const w1 = `${prefix}w1`
export const w2 = `${prefix}w2`
export const e1 = `${prefix}e1`
export const e2 = `${prefix}e2`
export const e3 = `${prefix}e3`
export const machines: Readonly<Record<string, string>> = {
  [lb1]: `${subnet}.5`,
  [lb2]: `${subnet}.6`,
  [cp1]: `${subnet}.11`,
  [cp2]: `${subnet}.12`,
  [cp3]: `${subnet}.13`,
  [cp4]: `${subnet}.14`,
  [w1]: `${subnet}.21`,
  [w2]: `${subnet}.22`,
  [e1]: `${subnet}.31`,
  [e2]: `${subnet}.32`,
  [e3]: `${subnet}.33`,
}
/** Nobody's own: for a virtual address of the API. */
export const virtualIp = `${subnet}.10`
export type MachineName = string
/** Those of the lab inventory; the others are in inventories that tests make of it. */
export const names: readonly MachineName[] = [cp1, w1, w2]

/** The lab's key, which root of every machine takes. */
export const labKey = join(directory, 'lab', 'ssh', 'id_ed25519')

export interface Ran {
  code: number
  stdout: string
  stderr: string
}

/** Runs a program, with a file as its standard input if one is named; any exit code is an answer. */
export function run(
  program: string,
  args: readonly string[],
  options: { timeoutMs?: number; stdin?: string } = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      { timeout: options.timeoutMs ?? 600_000, maxBuffer: 256 * 1024 * 1024, cwd: root },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 255
        resolve({ code, stdout, stderr })
      },
    )
    if (options.stdin === undefined || !child.stdin) return
    // a program that ends early closes its end; its exit code says why
    child.stdin.on('error', () => {})
    createReadStream(options.stdin).pipe(child.stdin)
  })
}

/** Runs kubestrap. What failed in a run that prints events stands behind its standard error: the log may be gone when one asks. */
export async function kubestrap(...args: string[]): Promise<Ran> {
  const ran = await run(process.execPath, ['bin/kubestrap.js', ...args])
  if (ran.code === 0) return ran
  const failed = ran.stdout.split('\n').filter((line) => /^\{.*"status":"failed"/.test(line))
  return { ...ran, stderr: [ran.stderr, ...failed].join('\n') }
}

/** What `up` installs on every machine of a lab on Docker: machines have it from the start where a test is not about that. */
const packages = 'docker.io, containernetworking-plugins, conntrack, ebtables, ethtool, socat'

/**
 * The lab inventory with the tests' own machines, and `edit` applied to its text; written to a file.
 * @param from.bare no package is on the machines that the product installs
 * @param from.root of another version, whose lab inventory it is
 * @returns its path
 */
export function inventory(
  name: string,
  edit: (text: string) => string = (text) => text,
  from: { bare?: boolean; root?: string } = {},
): string {
  const text = readFileSync(join(from.root ?? root, 'inventories/lab.yaml'), 'utf8')
    .replaceAll('10.88.0.', `${subnet}.`)
    .replaceAll('.cache/kubestrap/lab', `.cache/kubestrap/${lab}/lab`)
    .replace('ks-lab0', `ks-${lab}0`)
    .replace(/^ {2}(cp1|w1|w2):/gm, `  ${prefix}$1:`)
    .concat(from.bare ? '' : `  packages: [${packages}]\n`)
  mkdirSync(directory, { recursive: true })
  const file = join(directory, `${name}.yaml`)
  const edited = edit(text)
  if (name !== 'lab' && edited === text) throw new Error(`the edit for ${name} changes nothing`)
  writeFileSync(file, edited)
  return file
}

/** As `on`, but any exit code is an answer. */
export function answerOf(machine: MachineName, script: string, stdin?: string): Promise<Ran> {
  const keys = join(directory, 'lab', 'ssh')
  const args = [
    '-o',
    'BatchMode=yes',
    '-o',
    'IdentitiesOnly=yes',
    '-o',
    `UserKnownHostsFile=${join(keys, 'known_hosts')}`,
    '-i',
    labKey,
    `root@${machines[machine]}`,
    script,
  ]
  return run('ssh', args, stdin === undefined ? {} : { stdin })
}

/**
 * Runs a script on a machine as root, by the system's own ssh, not by what is under test.
 * @param stdin file to give it
 * @returns what it printed
 */
export async function on(machine: MachineName, script: string, stdin?: string): Promise<string> {
  const ran = await answerOf(machine, script, stdin)
  if (ran.code !== 0) throw new Error(`${machine}: exit ${ran.code}: ${ran.stderr}\n${ran.stdout}`)
  return ran.stdout
}

/** Why these tests cannot run here; undefined when they can. */
export function whyNot(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux'
  if (process.getuid?.() !== 0) return 'needs root'
  return undefined
}
