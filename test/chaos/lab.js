import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { root } from '../bench/program.js'
import { diskDown, diskUp, flushDisks, powerCut } from './disks.js'
import { must, mustKubestrap, sleep } from './program.js'

/** Names, bridge and subnet of chaos' own; KUBESTRAP_CHAOS="NAME PREFIX SUBNET" gives others. */
const [lab, prefix, subnet] = (process.env.KUBESTRAP_CHAOS ?? 'chaos x 10.86.0').split(' ')
const cache = join(homedir(), '.cache', 'kubestrap')
const directory = join(cache, lab)
const folders = join(directory, 'lab', 'machines')
const packages = 'docker.io, containernetworking-plugins, conntrack, ebtables, ethtool, socat'

const machine = (name, last, ...roles) => ({ name: `${prefix}${name}`, address: `${subnet}.${last}`, roles })
const plane = (i, ...more) => machine(`cp${i}`, 10 + i, 'control-plane', ...more)

/** Few machines, since all of them share this computer: where there is no worker the control planes take Pods. */
const machinesOf = {
  single: [plane(1), machine('w1', 21, 'worker')],
  ha: [plane(1, 'worker'), plane(2, 'worker'), plane(3, 'worker')],
  external: [plane(1, 'worker'), ...[1, 2, 3].map((i) => machine(`e${i}`, 30 + i, 'etcd'))],
}
export const topologies = Object.keys(machinesOf)

/**
 * The machines of a topology, each on a disk of its own (an ext4 in a file, which can lose what was not written).
 * They live in this process' mount namespace: its mounts go with it.
 */
export class Lab {
  constructor(topology) {
    this.machines = machinesOf[topology]
    this.planes = this.machines.filter(({ roles }) => roles.includes('control-plane'))
    this.nodes = this.machines.filter(({ roles }) => !roles.includes('etcd'))
    /** How many members etcd must have. */
    this.members = topology === 'external' ? this.machines.length - this.nodes.length : this.planes.length
    this.external = topology === 'external'
    this.file = join(directory, 'lab.yaml')
  }

  /** Writes the inventory; each `change` is another one. @returns its path */
  inventory(change) {
    const lines = this.machines.map(
      ({ name, address, roles }) => `  ${name}: { address: ${address}, roles: [${roles.join(', ')}] }\n`,
    )
    const etcd = this.external ? '  install: package\n' : '$&'
    const changed = `scheduler: { extraArgs: { v: "${change % 4}" } }\nkubelet: { config: { maxPods: ${100 + change} } }\napiServer: { extraArgs: { v: "${change % 3}" } }\n`
    const text = readFileSync(join(root, 'inventories/lab.yaml'), 'utf8')
      .replaceAll('10.88.0.', `${subnet}.`)
      .replaceAll('.cache/kubestrap/lab', `.cache/kubestrap/${lab}/lab`)
      .replace('ks-lab0', `ks-${lab}0`)
      .replace(/^ {2}imageTag: "3.*\n/m, etcd)
      .replace(/^( {2}(cp|w)\d: .*\n)+/m, lines.join(''))
    mkdirSync(directory, { recursive: true })
    writeFileSync(this.file, `${text}  packages: [${packages}]\n${change === 0 ? '' : changed}`)
    return this.file
  }

  /** Fresh machines and their bundle. */
  async up() {
    await this.down()
    this.inventory(0)
    await mustKubestrap('lab', 'bundle', '-i', this.file)
    for (const one of this.machines) await diskUp(this.#disk(one))
    await this.start()
  }

  /** Starts what does not run. */
  async start() {
    await mustKubestrap('lab', 'up', '-i', this.file)
    this.#remember()
    await flushDisks(this.machines.map((one) => this.#disk(one)))
  }

  /** Nothing stays: not a machine, not a mount, not a link. Also after a cut, of this process or another one. */
  down() {
    this.#going ??= this.#remove().finally(() => {
      this.#going = undefined
    })
    return this.#going
  }
  #going

  async #remove() {
    this.inventory(0)
    const all = Object.values(machinesOf).flat()
    for (const one of all) await this.#end(one)
    for (const one of all) await diskDown(this.#disk(one))
    await must(process.execPath, ['bin/kubestrap.js', 'lab', 'down', '-i', this.file], { last: true })
    rmSync(directory, { recursive: true, force: true })
  }

  /** Where the machines' processes are noted: what the lab notes is on disks that may be shut, or mounted for no one else. */
  #notes = join(directory, 'processes.json')

  #noted() {
    return existsSync(this.#notes) ? JSON.parse(readFileSync(this.#notes, 'utf8')) : {}
  }

  #remember() {
    const noted = this.machines.map(({ name }) => [
      name,
      JSON.parse(readFileSync(join(folders, name, 'process.json'), 'utf8')),
    ])
    writeFileSync(this.#notes, JSON.stringify(Object.fromEntries(noted)))
  }

  /** Ends a machine's first process, and with it all others. */
  async #end({ name }) {
    const { pid, started } = this.#noted()[name] ?? {}
    for (let i = 0; pid !== undefined && startOf(pid) === started; i += 1) {
      if (i === 100) throw new Error(`${name} does not end`)
      for (const one of [...childrenOf(pid), pid]) kill(one)
      await sleep(100)
    }
  }

  /** Ends a machine in the middle of a write: what its disk had not flushed is lost. */
  async power(one) {
    const disk = this.#disk(one)
    await powerCut(disk)
    await this.#end(one)
    await diskDown(disk, { keep: true })
    await diskUp(disk)
    await this.#kill(one)
    await this.start()
  }

  /** An orderly shutdown, and a start. */
  async reboot(one) {
    await this.inside(one, 'systemctl poweroff').catch(() => {})
    for (let i = 0; i < 120 && this.leader(one) !== undefined; i += 1) await sleep(250)
    await this.#kill(one)
    await this.start()
  }

  #kill(one) {
    return mustKubestrap('lab', 'kill', '-i', this.file, one.name)
  }

  #disk({ name }) {
    return { directory: join(folders, name), image: join(directory, `disk-${name}`) }
  }

  /** A machine's disk, as seen from here. */
  folder({ name }) {
    return join(folders, name)
  }

  /** The first process of a machine, as seen from here; undefined when it does not run. */
  leader({ name }) {
    try {
      const { pid } = JSON.parse(readFileSync(join(folders, name, 'process.json'), 'utf8'))
      return childrenOf(pid)[0]
    } catch {
      return undefined
    }
  }

  /** The host's side of a machine's link. */
  link({ name }) {
    return `vb-${name}`
  }

  bridge = `ks-${lab}0`

  /** Runs a script on a machine as root, past its sshd. Throws with its words. @returns what it printed */
  inside(one, script, options) {
    const leader = this.leader(one)
    if (leader === undefined) throw new Error(`${one.name} does not run`)
    return must('nsenter', ['-t', String(leader), '-m', '-u', '-i', '-n', '-p', 'sh', '-c', script], options)
  }

  /** Asks the cluster as its administrator, on the first control plane. */
  kubectl(args) {
    return this.inside(
      this.planes[0],
      `KUBECONFIG=/etc/kubernetes/admin.conf HOME=/tmp/kubectl-of-chaos kubectl --request-timeout=20s ${args}`,
    )
  }
}

/** When a process began, as the kernel counts it; undefined when it is gone, or has ended and nobody asked how. */
function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

function childrenOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // ended by itself meanwhile
  }
}
