import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { LabSuite } from '../../inventory/schema/lab.js'
import type { ClusterSpec, HostSpec, LabSpec } from '../../inventory/spec.js'
import { UserError } from '../../lib/errors.js'
import { alone } from '../alone.js'
import { installMissing } from '../debian-packages.js'
import type { Report } from '../report.js'
import { rootfsLayers } from './base-rootfs.js'
import { claimDirectory, labDirectory, removeDirectory } from './directory.js'
import {
  greets,
  leaderOf,
  type MachineSpec,
  prepareMachine,
  removeMachine,
  runningProcess,
  startMachine,
  stopMachine,
} from './machine.js'
import { networkDown, networkUp } from './network.js'
import { operatorKey, writeKnownHosts } from './ssh-keys.js'

/** What the operator's side of a lab needs. */
const packages = ['debootstrap', 'systemd-container', 'iproute2', 'nftables', 'openssh-client', 'util-linux']

/**
 * What all labs of this machine share: the last one that goes puts it back, and one that comes at that moment must
 * find it either there or gone.
 */
const kernel = '/run/kubestrap-lab-kernel'

export interface LabMachineStatus {
  name: string
  address: string
  running: boolean
  /** Its first process, as seen from outside. */
  pid: number | undefined
  sshd: boolean
}

export interface LabResult {
  machines: readonly LabMachineStatus[]
  /** Packages that had to be installed on this machine. */
  installed: readonly string[]
  /** Machines that had to be started. */
  started: readonly string[]
}

/** The inventory's lab section, or a UserError that says what to write. */
export function labOf(spec: ClusterSpec): LabSpec {
  if (spec.lab) return spec.lab
  throw new UserError('inventory', `${spec.file} has no lab section`, {
    next: 'add lab: { bridge: ks-lab0, gateway: 10.88.0.1/24 }',
  })
}

const folderOf = (lab: LabSpec, name: string): string => join(lab.directory, 'machines', name)

/** Brings the inventory's machines up on this one. Machines that run are left as they are. */
export async function labUp(spec: ClusterSpec, report: Report): Promise<LabResult> {
  const lab = labOf(spec)
  mustBeRoot()
  // refused before anything is made
  await labDirectory(lab.directory)
  const installed = await installMissing(packages, report)
  const suites = [...new Set(spec.hosts.map(({ name }) => lab.suites[name]))]
  const layers = new Map<LabSuite | undefined, string>()
  // one after the other: each of them makes one when it is the first
  for (const suite of suites) layers.set(suite, await rootfsLayers(lab.packages, report, suite))
  await claimDirectory(lab.directory)
  const key = await operatorKey(lab.directory)
  await alone(kernel, report, () => networkUp(lab))
  const started: string[] = []
  const keys = await Promise.all(
    spec.hosts.map(async (host) => {
      const machine = machineSpec(lab, host, key.publicKey)
      await mkdir(machine.directory, { recursive: true })
      const hostKey = await prepareMachine(machine, layers.get(lab.suites[host.name]) ?? '')
      if (!(await runningProcess(machine.directory))) {
        report(`starting ${host.name} (${host.address})`)
        await startMachine(machine)
        started.push(host.name)
      }
      return { address: host.address, key: hostKey }
    }),
  )
  await writeKnownHosts(key.knownHosts, keys)
  return { machines: await labStatus(spec), installed, started }
}

/**
 * Ends and removes the machines; nothing of the lab stays but the cache. Also after a crash, and twice. Deletes only
 * what a lab put into its directory: UserError('inventory') for a directory that is no lab's.
 */
export async function labDown(spec: ClusterSpec, report: Report): Promise<void> {
  const lab = labOf(spec)
  mustBeRoot()
  const own = await labDirectory(lab.directory)
  await Promise.all(
    (own?.machines ?? []).map(async (name) => {
      report(`stopping ${name}`)
      await stopMachine(name, folderOf(lab, name))
      await removeMachine(folderOf(lab, name))
    }),
  )
  await alone(kernel, report, () => networkDown(lab))
  const left = own ? await removeDirectory(own) : []
  if (left.length > 0) report(`left in ${lab.directory}, not of the lab: ${left.join(', ')}`)
}

/** Ends and removes one machine with its disk; the next `labUp` creates it again, with another host key. */
export async function labRemove(spec: ClusterSpec, name: string, report: Report): Promise<void> {
  const lab = labOf(spec)
  const folder = folderOf(lab, machineNamed(spec, name).name)
  mustBeRoot()
  // refused where it is no lab's, or a link leads out of it
  await labDirectory(lab.directory)
  report(`stopping ${name}`)
  await stopMachine(name, folder)
  await removeMachine(folder)
}

/** The machines of the inventory and whether they run. */
export function labStatus(spec: ClusterSpec): Promise<LabMachineStatus[]> {
  const lab = labOf(spec)
  return Promise.all(
    spec.hosts.map(async ({ name, address }) => {
      const pid = await leaderOf(folderOf(lab, name))
      return {
        name,
        address,
        running: pid !== undefined,
        pid,
        sshd: pid !== undefined && (await greets(address)),
      }
    }),
  )
}

/** Ends a machine as a power cut would and boots it again from its disk. */
export async function labReboot(spec: ClusterSpec, name: string): Promise<void> {
  const lab = labOf(spec)
  const host = machineNamed(spec, name)
  const machine = machineSpec(lab, host, (await operatorKey(lab.directory)).publicKey)
  await stopMachine(name, machine.directory)
  await startMachine(machine)
}

/** Ends a machine as a power cut would; `labUp` starts it again. */
export async function labKill(spec: ClusterSpec, name: string): Promise<void> {
  await stopMachine(name, folderOf(labOf(spec), machineNamed(spec, name).name))
}

/** The ssh command for a machine: program and arguments. */
export function labSsh(spec: ClusterSpec, name: string): string[] {
  const lab = labOf(spec)
  const { address, ssh } = machineNamed(spec, name)
  const folder = join(lab.directory, 'ssh')
  const options = [
    '-i',
    join(folder, 'id_ed25519'),
    '-o',
    `UserKnownHostsFile=${join(folder, 'known_hosts')}`,
    '-o',
    'IdentitiesOnly=yes',
  ]
  return ['ssh', ...options, `${ssh.user}@${address}`]
}

function machineNamed(spec: ClusterSpec, name: string): HostSpec {
  const host = spec.hosts.find((other) => other.name === name)
  if (host) return host
  throw new UserError('usage', `no machine ${name} in ${spec.file}`, {
    next: `machines: ${spec.hosts.map((other) => other.name).join(', ')}`,
  })
}

function machineSpec(lab: LabSpec, { name, address }: HostSpec, authorizedKey: string): MachineSpec {
  return {
    name,
    address,
    gateway: lab.gateway,
    bridge: lab.bridge,
    directory: folderOf(lab, name),
    authorizedKey,
  }
}

function mustBeRoot(): void {
  if (process.getuid?.() !== 0)
    throw new UserError('preflight', 'a lab requires root on this computer', {
      next: 'run kubestrap with sudo, or as root',
    })
}
