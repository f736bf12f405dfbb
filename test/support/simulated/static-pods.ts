import type { ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { load } from 'js-yaml'
import type { SimulatedHost } from './simulated-host.js'

const manifests = '/etc/kubernetes/manifests'
const images = '/var/lib/docker/simulated'

interface Manifest {
  metadata: { name: string }
  spec: {
    containers: { name: string; image: string; command: string[] }[]
    volumes?: { hostPath?: { path: string; type?: string } }[]
  }
}

interface Running {
  id: string
  process: ChildProcess
  /** Digest of the manifest it was started from. */
  manifest: string
  /** Digests by path of the files its command names, as they were when it started. */
  read: Readonly<Record<string, string>>
}

/**
 * What a kubelet and Docker do with static pods: each manifest's command runs as a process of the real
 * program, on the host's own files, once its image is there; it is started anew when it ends or when its
 * manifest is another. Not simulated: probes, resources, mirror pods.
 */
export class StaticPods {
  readonly #host: SimulatedHost
  readonly #running = new Map<string, Running>()
  readonly #notBefore = new Map<string, number>()

  constructor(host: SimulatedHost) {
    this.#host = host
  }

  /** Brings what runs nearer to what the manifests say; called again and again while the kubelet runs. */
  async sync(): Promise<void> {
    const present = new Set<string>()
    for (const file of this.#host.list(manifests).filter((name) => /^[^.].*\.yaml$/.test(name))) {
      const text = this.#host.read(`${manifests}/${file}`)
      if (text === undefined) continue
      const manifest = load(text) as Manifest
      const name = manifest.spec.containers[0]?.name ?? ''
      present.add(name)
      const running = this.#running.get(name)
      if (running === undefined) await this.#start(name, manifest, digest(text))
      else if (running.manifest !== digest(text)) await this.#stop(name)
    }
    for (const name of this.#running.keys()) if (!present.has(name)) await this.#stop(name)
  }

  /** Files that a running container read and that are others now, "etcd: /etc/kubernetes/pki/etcd/server.crt". */
  outdated(): string[] {
    return [...this.#running].flatMap(([name, { read }]) =>
      Object.entries(read)
        .filter(([path, before]) => digest(this.#host.read(path) ?? '') !== before)
        .map(([path]) => `${name}: ${path}`),
    )
  }

  /** Ids by name of what runs; a container that was started anew has another. */
  ids(): Record<string, string> {
    return Object.fromEntries([...this.#running].map(([name, { id }]) => [name, id]))
  }

  /** The machine lost power. */
  powerOff(): void {
    this.#running.clear()
    this.#notBefore.clear()
  }

  async #start(name: string, { spec }: Manifest, manifest: string): Promise<void> {
    const [container] = spec.containers
    if (!container || Date.now() < (this.#notBefore.get(name) ?? 0)) return
    // no registry answers here: without its image a container waits
    if (!this.#host.exists(`${images}/${container.image.replace(/[/:]/g, '_')}`)) return
    if (this.#host.read('/run/simulated/units/docker.service')?.trim() !== 'active') return
    const made = (spec.volumes ?? []).flatMap(({ hostPath }) =>
      hostPath?.type === 'DirectoryOrCreate' ? [hostPath.path] : [],
    )
    await this.#host.run('[ $# -eq 0 ] || mkdir -p -- "$@"', ...made)
    const files = container.command.flatMap((flag) => /^--[a-z-]+=(\/etc\/.*)$/.exec(flag)?.[1] ?? [])
    const read = Object.fromEntries(files.map((path) => [path, digest(this.#host.read(path) ?? '')]))
    const id = randomBytes(6).toString('hex')
    const process = this.#host.start('/usr/local/lib/simulated/run-container', id, name, ...container.command)
    this.#running.set(name, { id, process, manifest, read })
    // the first time at once, then with a little patience
    this.#notBefore.set(name, Date.now() + 1_000)
    process.once('exit', () => {
      if (this.#running.get(name)?.process === process) this.#running.delete(name)
    })
  }

  async #stop(name: string): Promise<void> {
    await this.#host.run(
      `for c in /run/simulated/containers/*; do read -r name pid <"$c"; [ "$name" != "$1" ] || kill -TERM "$pid" 2>/dev/null || rm -f "$c"; done; exit 0`,
      name,
    )
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')
