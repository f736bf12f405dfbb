import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { BundleManifest } from '../../src/bundle/manifest.js'
import type { FileState, Host } from '../../src/host/host.js'
import { etcdUnitFile } from '../../src/kubernetes/etcd/unit.js'
import { Secret } from '../../src/lib/secret.js'

const bundle = join(homedir(), '.cache/kubestrap/bundle/v1.20.2')

/** Prints "etcd" while it runs on the plane it is asked on: `Runtime.systemContainersScript`. */
export const etcdRunning = '! pgrep -f -- "--data-dir=$ROOT_OF_PLANE/" >/dev/null || echo etcd'

/** Why no etcd can be had here; undefined when one can. */
export const whyNoEtcd = (): string | undefined =>
  existsSync(join(bundle, 'bundle.json')) ? undefined : `no ${bundle}`

/** etcd out of the image that real clusters of the lab's bundle run. */
export function extractEtcd(into: string): string {
  const manifest: BundleManifest = JSON.parse(readFileSync(join(bundle, 'bundle.json'), 'utf8'))
  const image = manifest.images.find(({ reference }) => reference.includes('/etcd:'))
  if (!image) throw new Error('the bundle has no etcd')
  const script = `layer=$(tar -tzf "$1" | grep 'layer.tar$') && tar -xzOf "$1" "$layer" | tar -x -C "$2" --strip-components=2 usr/bin/etcd`
  execFileSync('sh', ['-c', script, 'sh', join(bundle, image.file), into])
  return join(into, 'etcd')
}

/** systemd's part for a unit of etcd: what is to run is a file that a plane looks at. */
const systemctl = `#!/bin/sh
verb=$1
case $verb in
start) [ -e "$ROOT_OF_PLANE/wanted" ] || date +%N >"$ROOT_OF_PLANE/wanted" ;;
restart) date +%N >"$ROOT_OF_PLANE/wanted" ;;
stop) rm -f "$ROOT_OF_PLANE/wanted"; while pgrep -f -- "--data-dir=$ROOT_OF_PLANE/" >/dev/null; do sleep 0.05; done ;;
show) echo loaded ;;
esac
exit 0
`

/**
 * A machine of this very machine: its files below a directory of its own, its address on the loopback, and in the
 * kubelet's and systemd's place something that runs the real etcd as a static pod's manifest or a unit says.
 */
export class LoopbackPlane {
  readonly root = mkdtempSync(join(tmpdir(), 'ks-etcd-'))
  readonly host: Host
  readonly #etcd: string
  #process: ChildProcess | undefined
  #running = ''
  #watch: NodeJS.Timeout | undefined

  constructor(
    name: string,
    readonly address: string,
    etcd: string,
  ) {
    this.#etcd = etcd
    this.host = rootedHost(name, this.root)
  }

  path(path: string): string {
    return join(this.root, path)
  }

  put(path: string, content: string | Secret): void {
    mkdirSync(dirname(this.path(path)), { recursive: true })
    writeFileSync(this.path(path), content instanceof Secret ? content.reveal() : content, { mode: 0o600 })
  }

  /** Looks for the manifest as a kubelet does, and runs what it says. */
  start(): void {
    this.#watch ??= setInterval(() => {
      const text = this.#told('/etc/kubernetes/manifests/etcd.yaml') || this.#unit()
      if (text === this.#running) return
      this.#running = text
      this.#process?.kill('SIGKILL')
      this.#process = text === '' ? undefined : this.#run(text)
    }, 50)
  }

  /** The machine is away: nothing runs. */
  async stop(): Promise<void> {
    clearInterval(this.#watch)
    this.#watch = undefined
    this.#running = ''
    const running = this.#process
    this.#process = undefined
    if (running && running.exitCode === null && running.signalCode === null) {
      const ended = new Promise((resolve) => running.once('exit', resolve))
      running.kill('SIGKILL')
      await ended
    }
  }

  loseData(): void {
    rmSync(this.path('/var/lib/etcd'), { recursive: true, force: true })
  }

  async end(): Promise<void> {
    await this.stop()
    rmSync(this.root, { recursive: true, force: true })
  }

  #told(path: string): string {
    return existsSync(this.path(path)) ? readFileSync(this.path(path), 'utf8') : ''
  }

  /** Its unit, with when it was started last; '' while it is not to run, or may not. */
  #unit(): string {
    const text = this.#told(etcdUnitFile)
    const asserted = [...text.matchAll(/^AssertPathExists=\|(.*)$/gm)].map(([, path = '']) => path)
    const wanted = this.#told('/wanted')
    return wanted !== '' && asserted.some((path) => existsSync(this.path(path))) ? `${text}${wanted}` : ''
  }

  #again(ended: ChildProcess): void {
    if (this.#process === ended) this.#running = ''
  }

  #run(manifest: string): ChildProcess {
    const flags = [...manifest.matchAll(/^ +(?:- )?(--\S+)(?: \\)?$/gm)].map(([, flag = '']) =>
      flag
        .replace(/=(\/(?:etc|var)\/.*)$/, (_, path: string) => `=${this.path(path)}`)
        // the loopback is everybody's here
        .replace('https://127.0.0.1:2379,', '')
        .replace('http://127.0.0.1:2381', `http://${this.address}:2381`),
    )
    mkdirSync(this.path('/var/lib/etcd'), { recursive: true, mode: 0o700 })
    const started = spawn('nice', ['-n', '19', this.#etcd, ...flags], { stdio: 'ignore' })
    // what ends by itself is started again, as a kubelet does
    started.once('exit', () => {
      if (this.#process === started) setTimeout(() => this.#again(started), 300)
    })
    return started
  }
}

/** A host whose absolute paths lie below a directory. */
function rootedHost(name: string, root: string): Host {
  const bin = join(root, 'systemctl-bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'systemctl'), systemctl, { mode: 0o755 })
  const below = (argument: string): string => (argument.startsWith('/') ? join(root, argument) : argument)
  const sh = (script: string, args: readonly string[] = []) => {
    try {
      const stdout = execFileSync('sh', ['-c', script, 'sh', ...args.map(below)], {
        stdio: 'pipe',
        env: { ...process.env, ROOT_OF_PLANE: root, PATH: `${bin}:${process.env.PATH}` },
      })
      return { kind: 'exited' as const, code: 0, stdout, stderr: '' }
    } catch {
      return { kind: 'exited' as const, code: 1, stdout: Buffer.alloc(0), stderr: '' }
    }
  }
  const never = (): never => {
    throw new Error('not on a loopback plane')
  }
  return {
    name,
    roundTrips: 0,
    connection: {
      description: name,
      run: never,
      openTcp: (host, port) =>
        new Promise((resolve, reject) => {
          const socket = connect(port, host, () => resolve(socket))
          socket.once('error', reject)
        }),
      close: async () => {},
    },
    read: async ({ script, args }) => sh(script, args),
    // as a real one: a change that failed is never an answer
    mutate: async ({ what, script, args }) => {
      const done = sh(script, args)
      if (done.code !== 0) throw new Error(`${what ?? script}: exit ${done.code}`)
      return done
    },
    stat: async (path): Promise<FileState> => {
      const there = below(path)
      if (!existsSync(there)) return { kind: 'absent' }
      try {
        const content = readFileSync(there)
        const sha256 = createHash('sha256').update(content).digest('hex')
        return { kind: 'file', mode: '0600', owner: 'root:root', size: content.length, sha256, content }
      } catch {
        return { kind: 'directory', mode: '0700', owner: 'root:root' }
      }
    },
    write: async ({ path, content }) => {
      mkdirSync(dirname(below(path)), { recursive: true })
      writeFileSync(below(path), content instanceof Secret ? content.reveal() : content)
    },
    upload: never,
    pipe: never,
    atWork: async () => ({ epoch: '', owner: undefined, busy: false }),
    takeOver: async () => ({ epoch: '', owner: undefined, busy: false }),
    takeOverLater: () => {},
    takeOverAgain: never,
    hold: never,
    letGo: async () => {},
    close: async () => {},
    closed: false,
  }
}
