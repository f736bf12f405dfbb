import type { ChildProcess } from 'node:child_process'
import { createHttpClient, type HttpClient } from '../../../src/kubernetes/client/http.js'
import { Secret } from '../../../src/lib/secret.js'
import { nodeObject } from './node-object.js'
import { simulatedConnection } from './simulated-connection.js'
import type { SimulatedHost } from './simulated-host.js'
import { StaticPods } from './static-pods.js'

const kubeletConf = '/etc/kubernetes/kubelet.conf'
const bootstrapConf = '/etc/kubernetes/bootstrap-kubelet.conf'
const certificate = '/var/lib/kubelet/pki/kubelet-client-current.pem'
/** How often it looks. A kubelet is told by inotify; this is soon enough. */
const everyMs = 100
/** How often it tells the cluster that it is there (nodeStatusUpdateFrequency). */
const beatMs = 10_000

/**
 * What kubelet.service does on a simulated host while it is active: runs the static pods; joins, which the
 * real kubelet does as far as its certificate (it then waits for Docker, which never answers, and is
 * ended); and keeps the host's Node with the credentials of kubelet.conf, whoever wrote it. It runs no pods
 * of the cluster.
 */
export class SimulatedKubelet {
  readonly pods: StaticPods
  readonly #host: SimulatedHost
  #timer: NodeJS.Timeout | undefined
  /** The real kubelet, while it asks for its certificate. */
  #joining: ChildProcess | undefined
  #joinNotBefore = 0
  #lastBeat = 0
  #starts = ''
  #node = ''
  /** What went wrong last, for the messages of failing tests. */
  lastError: unknown

  constructor(host: SimulatedHost) {
    this.#host = host
    this.pods = new StaticPods(host)
  }

  powerOn(): void {
    const turn = async (): Promise<void> => {
      const mine = this.#timer
      try {
        await this.#sync()
      } catch (error) {
        this.lastError = error
      }
      if (this.#timer === mine) this.#timer = setTimeout(turn, everyMs)
    }
    this.#timer = setTimeout(turn, 0)
  }

  powerOff(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#joining = undefined
    this.#starts = ''
    this.pods.powerOff()
  }

  async #sync(): Promise<void> {
    if (this.#host.read('/run/simulated/units/kubelet.service')?.trim() !== 'active') return
    await this.pods.sync()
    const starts = this.#host.read('/run/simulated/units/kubelet.service.starts') ?? ''
    if (starts !== this.#starts) {
      // the host's name as it is when a kubelet starts is the node's
      this.#node = (await this.#host.run('uname -n')).trim()
      this.#starts = starts
      this.#lastBeat = 0
    }
    if (!this.#host.exists(certificate)) {
      this.#join()
      return
    }
    if (this.#joining) {
      await this.#host.run('kill $(pgrep -x kubelet); exit 0')
      this.#joining = undefined
    }
    if (Date.now() - this.#lastBeat > beatMs) {
      await this.#beat()
      this.#lastBeat = Date.now()
    }
  }

  /** Lets the real kubelet ask for its certificate; it is ended when it has one. */
  #join(): void {
    if (this.#joining || Date.now() < this.#joinNotBefore || !this.#host.exists(bootstrapConf)) return
    const kubelet = this.#host.start('/usr/local/lib/simulated/run-kubelet')
    this.#joining = kubelet
    kubelet.once('exit', () => {
      if (this.#joining === kubelet) this.#joining = undefined
      // systemd's RestartSec is ten seconds; nobody learns anything from waiting that long here
      this.#joinNotBefore = Date.now() + 1_000
    })
  }

  /** Registers the host's Node, or says that it is still there. */
  async #beat(): Promise<void> {
    const client = this.#client()
    if (!client) return
    try {
      const path = `/api/v1/nodes/${this.#node}`
      const found = await client.send('GET', path, { timeoutMs: 5_000 })
      const ready = this.#host.list('/etc/cni/net.d').length > 0
      const bootId = this.#host.read('/proc/sys/kernel/random/boot_id')?.trim()
      const node = nodeObject({ name: this.#node, address: this.#host.address, ready, bootId })
      if (found.status === 404) {
        const made = await client.send('POST', '/api/v1/nodes', { body: node, timeoutMs: 5_000 })
        if (made.status !== 201) throw new Error(`${this.#node} cannot register: ${made.status} ${made.body}`)
      } else if (found.status === 200) {
        const current = JSON.parse(found.body)
        const former = current.status?.conditions?.find((one: { type: string }) => one.type === 'Ready')
        for (const one of node.status.conditions)
          if (one.type === 'Ready' && former?.status === one.status)
            one.lastTransitionTime = former.lastTransitionTime ?? one.lastTransitionTime
        const body = { ...current, status: { ...current.status, ...node.status } }
        const told = await client.send('PUT', `${path}/status`, { body, timeoutMs: 5_000 })
        // somebody else wrote in between: soon again
        if (told.status !== 200 && told.status !== 409)
          throw new Error(`${this.#node} cannot say that it is there: ${told.status} ${told.body}`)
      } else throw new Error(`${this.#node} cannot see its node: ${found.status} ${found.body}`)
    } finally {
      client.close()
    }
  }

  /** A client as kubelet.conf says: the server, its authority, and the certificate in the file it names. */
  #client(): HttpClient | undefined {
    const text = this.#host.read(kubeletConf)
    const pem = this.#host.read(certificate)
    if (text === undefined || pem === undefined) return undefined
    const server = /server: https:\/\/(.*):(\d+)/.exec(text)
    const ca = /certificate-authority-data: (\S+)/.exec(text)?.[1]
    const named = /client-certificate: (\S+)/.exec(text)?.[1]
    if (!server?.[1] || !ca || named !== certificate) throw new Error(`${kubeletConf} is not understood`)
    const [, name, port] = server
    const connection = simulatedConnection(this.#host)
    return createHttpClient(name ?? '', () => connection.openTcp(name ?? '', Number(port)), {
      ca: Buffer.from(ca, 'base64').toString(),
      cert: pem,
      key: new Secret(pem),
    })
  }
}
