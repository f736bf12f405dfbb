import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { root } from '../bench/program.js'
import { diskDown, diskUp, flushDisks, powerCut } from './disks.js'
import { answer, kubestrap, must, mustKubestrap, sleep } from './program.js'

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
    await flushDisks(this.machines.map((one) => this.#disk(one)))
  }

  /** Nothing stays but this directory's parent: not a machine, not a mount, not a link. Also after a cut. */
  async down() {
    this.inventory(0)
    const failed = []
    for (const { name } of this.machines)
      await answer(process.execPath, ['bin/kubestrap.js', 'lab', 'kill', '-i', this.file, name], {
        last: true,
      })
    for (const one of Object.values(machinesOf).flat())
      await diskDown(this.#disk(one)).catch((error) => failed.push(error))
    await must(process.execPath, ['bin/kubestrap.js', 'lab', 'down', '-i', this.file], { last: true })
    if (failed.length > 0) throw failed[0]
    rmSync(directory, { recursive: true, force: true })
  }

  /** Ends a machine in the middle of a write: what its disk had not flushed is lost. */
  async power(one) {
    const disk = this.#disk(one)
    const leader = this.leader(one)
    await powerCut(disk)
    // it cannot note that the machine is off: the note would be on that disk
    await kubestrap(['lab', 'kill', '-i', this.file, one.name])
    if (existsSync(`/proc/${leader}`)) throw new Error(`${one.name} did not end`)
    await diskDown(disk, { keep: true })
    await diskUp(disk)
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
      const child = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]
      return child ? Number(child) : undefined
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
