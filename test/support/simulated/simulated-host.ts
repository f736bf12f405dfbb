import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Materials } from './materials.js'
import { entering, environment, firstProcess, must } from './namespaces.js'
import { SimulatedKubelet } from './simulated-kubelet.js'

export interface SimulatedHostOptions {
  name: string
  address: string
  gateway: string
  /** First process of the world. */
  world: number
  /** Its place in the world's own file system. */
  directory: string
  materials: Materials
}

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** How long a host that reboots is away, ms. */
const awayMs = 500

/** Of the hosts' network, 10.91.0.0: room for the hundreds that stand beside simulated ones (see support/fleet). */
export const prefix = 16

/** Where each shim lies in a host. */
const shims: Readonly<Record<string, string>> = {
  systemctl: 'usr/local/bin/systemctl',
  'apt-get': 'usr/local/bin/apt-get',
  journalctl: 'usr/local/bin/journalctl',
  modprobe: 'usr/local/sbin/modprobe',
  'systemd-detect-virt': 'usr/local/bin/systemd-detect-virt',
  swapoff: 'usr/local/sbin/swapoff',
  docker: 'var/lib/simulated/docker',
  'run-container': 'usr/local/lib/simulated/run-container',
  'run-kubelet': 'usr/local/lib/simulated/run-kubelet',
}

/**
 * A host that runs our commands for real: a root of its own over the lab's Debian, in namespaces of its own
 * (mounts, processes, host name, network with the address of the inventory).
 *
 * Real: sh, coreutils, flock, dpkg's database, unit files and their links, iproute2, iptables, sysctls of
 * the network, etcd and the control plane's programs, the kubelet's TLS bootstrap, the API.
 * Simulated: what systemd runs (units are started by a shim that counts starts), what apt installs (names
 * in dpkg's database, no archives), Docker (image names and ids; containers are plain processes), loading
 * modules, swap, and the kubelet once it has its certificate (see SimulatedKubelet).
 */
export class SimulatedHost {
  readonly name: string
  readonly address: string
  readonly kubelet: SimulatedKubelet
  readonly #options: SimulatedHostOptions
  #pid: number | undefined
  #starter: ChildProcess | undefined
  #watch: NodeJS.Timeout | undefined

  constructor(options: SimulatedHostOptions) {
    this.name = options.name
    this.address = options.address
    this.#options = options
    this.kubelet = new SimulatedKubelet(this)
    this.#makeDisk()
  }

  /** Whether it runs. */
  get on(): boolean {
    return this.#pid !== undefined
  }

  /** Its first process, as seen from here. Throws while it is off. */
  get pid(): number {
    if (this.#pid === undefined) throw new Error(`${this.name} is off`)
    return this.#pid
  }

  /** Path of one of its files, for this process. A link's target is looked for on the host too. */
  path(path: string): string {
    const outside = `/proc/${this.pid}/root${path}`
    const target = linkTarget(outside)
    return target === undefined ? outside : this.path(resolve(dirname(path), target))
  }

  exists(path: string): boolean {
    return existsSync(this.path(path))
  }

  /** Content of one of its files; undefined when there is none. */
  read(path: string): string | undefined {
    try {
      return readFileSync(this.path(path), 'utf8')
    } catch {
      return undefined
    }
  }

  /** Names in one of its directories; none when there is no such directory. */
  list(path: string): string[] {
    return this.exists(path) ? readdirSync(this.path(path)).sort() : []
  }

  /** Runs a script on it and returns what it said. Throws unless it exits 0. */
  run(script: string, ...args: readonly string[]): Promise<string> {
    return must('nsenter', [...entering(this.pid), '/bin/sh', '-c', script, 'sh', ...args])
  }

  /** Runs a script in the directory that holds what its disk has beyond the base root file system. */
  disk(script: string): Promise<string> {
    const { world, directory } = this.#options
    return must('nsenter', [
      '-t',
      String(world),
      '--mount',
      'sh',
      '-c',
      `cd "$1/upper" && ${script}`,
      'sh',
      directory,
    ])
  }

  /** Starts a program on it that stays. */
  start(program: string, ...args: readonly string[]): ChildProcess {
    return spawn('nsenter', [...entering(this.pid), program, ...args], { stdio: 'ignore', env: environment })
  }

  /** Boots it from its disk: its network, kernel parameters and swap, then the units that are enabled. */
  async boot(): Promise<void> {
    if (this.#pid !== undefined) throw new Error(`${this.name} is on`)
    const { world, directory, materials, address, gateway } = this.#options
    const starter = spawn(
      'nsenter',
      [
        ...['-t', String(world), '--mount', '--pid', '--', 'unshare'],
        ...['--mount', '--uts', '--ipc', '--net', '--pid', '--fork', '--kill-child'],
        ...['sh', here('host.sh'), directory, materials.base, ...materials.programs],
      ],
      { stdio: 'pipe' },
    )
    this.#starter = starter
    const pid = await firstProcess(starter, 2)
    this.#pid = pid
    const wire = `ip link del "$1" 2>/dev/null; ip link add "$1" type veth peer name eth0 netns "$2" && ip link set "$1" master switch up`
    await must('nsenter', [
      '-t',
      String(world),
      '--net',
      'sh',
      '-c',
      wire,
      'sh',
      `v-${this.name}`,
      String(pid),
    ])
    await this.run(
      'ip addr add "$1/$3" dev eth0 && ip link set eth0 up && ip route add default via "$2" && systemctl default',
      address,
      gateway,
      String(prefix),
    )
    this.kubelet.powerOn()
    this.#watchReboot()
  }

  /** Does what `systemctl reboot` on it asks for: it is away for a moment, and boots from its disk. */
  #watchReboot(): void {
    this.#watch = setInterval(() => {
      if (!this.on || !this.exists('/run/simulated/reboot')) return
      clearInterval(this.#watch)
      void (async () => {
        await this.powerOff()
        await new Promise((resolve) => setTimeout(resolve, awayMs))
        await this.boot()
      })().catch((error: unknown) => {
        this.kubelet.lastError = error
      })
    }, 50)
  }

  /** Power is lost: nothing that runs on it ends in order, and only its disk is left. */
  async powerOff(): Promise<void> {
    const starter = this.#starter
    const { pid } = this
    this.forget()
    const ended = new Promise<void>((resolve) => starter?.once('exit', () => resolve()))
    process.kill(pid, 'SIGKILL')
    await ended
  }

  /** Its processes are gone or about to be: nobody asks after them any more. */
  forget(): void {
    clearInterval(this.#watch)
    this.kubelet.powerOff()
    this.#pid = undefined
  }

  #makeDisk(): void {
    const { world, directory, name } = this.#options
    const disk = join(`/proc/${world}/root`, directory, 'upper')
    const put = (path: string, text: string, mode = 0o644): void => {
      mkdirSync(dirname(join(disk, path)), { recursive: true })
      writeFileSync(join(disk, path), text)
      chmodSync(join(disk, path), mode)
    }
    put('etc/hostname', 'debian\n')
    put('etc/machine-id', `${randomBytes(16).toString('hex')}\n`, 0o444)
    put('etc/hosts', '127.0.0.1 localhost\n')
    put('etc/resolv.conf', '')
    put('etc/fstab', '/dev/vda / ext4 defaults 0 1\n/dev/vdb none swap sw 0 0\n')
    put('var/lib/simulated/swaps', '')
    for (const [shim, path] of Object.entries(shims)) {
      put(path, '', 0o755)
      copyFileSync(here(`root/${shim}`), join(disk, path))
    }
    mkdirSync(join(disk, 'root'), { mode: 0o700, recursive: true })
    put(`var/lib/simulated/name`, name)
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    // no link, or nothing there
    return undefined
  }
}
