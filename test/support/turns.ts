import { createHash } from 'node:crypto'
import type { Context } from '../../src/cluster/context.js'
import type { Machine } from '../../src/cluster/machine.js'
import type { RunEvent } from '../../src/engine/events.js'
import { buildGraph } from '../../src/engine/graph.js'
import { Late } from '../../src/engine/late.js'
import type { Phase } from '../../src/engine/phase.js'
import { makePlan } from '../../src/engine/plan.js'
import { runPlan } from '../../src/engine/run.js'
import type { FileState, Host } from '../../src/host/host.js'
import { kubelet } from '../../src/phases/kubelet.js'
import { nodes } from '../../src/phases/nodes.js'
import { podNetwork } from '../../src/phases/pod-network.js'
import { uncordonNodes } from '../../src/phases/uncordon.js'
import { markDirectory } from '../../src/resources/marks.js'
import { service } from '../../src/resources/service.js'
import { nodeTransaction } from '../../src/steps/rollout/node-transaction.js'
import { contextOf, machine } from './context.js'
import { fakeHost } from './fake-host.js'
import { unitsAnswer } from './units-answer.js'

const unit = 'kubelet.service'
const config = '/var/lib/kubelet/config.yaml'
const boot = '22222222-2222-4222-8222-222222222222'
const start = Date.parse('2026-11-30T00:00:00Z') / 1000

/** Of `up`, what concerns one file of the kubelet and its restart. */
const phases: readonly Phase<Context>[] = [
  { id: 'runtime', title: '', about: '', steps: () => [] },
  { ...kubelet, steps: (context) => kubelet.steps(context).filter(({ id }) => id === `file:${config}`) },
  {
    id: 'kubelet-start',
    title: '',
    about: '',
    steps: (context) =>
      context.machines.map((one) => service(one.host, { unit, within: nodeTransaction(context, one) })),
  },
  uncordonNodes,
]

/** Of `up`, what concerns the CNI configuration of the network and the restart of the kubelet. */
const networkPhases: readonly Phase<Context>[] = [
  { id: 'packages', title: '', about: '', steps: () => [] },
  {
    ...nodes,
    steps: (context) =>
      nodes
        .steps(context)
        .filter(({ id }) => id.startsWith('node:'))
        .map((step) => ({ ...step, needs: [] })),
  },
  {
    ...podNetwork,
    steps: (context) =>
      podNetwork
        .steps(context)
        .filter(
          ({ id }) =>
            id.endsWith('.conflist') || id === 'kubelet-sees-network' || id === 'ready-with-network',
        )
        .map((step) =>
          step.id === 'kubelet-sees-network'
            ? { ...step, needs: step.needs?.filter((need) => /node:|conflist/.test(need)) ?? [] }
            : step,
        ),
  },
]

/** A worker whose kubelet's configuration is to change. Times are seconds since the test began. */
export interface Worker {
  /** Its kubelet runs. Default true. */
  runs?: boolean
  ready?: boolean
  /** A person cordoned it. */
  cordoned?: true
  /** How long after a restart its kubelet says something; undefined: never. */
  speaksAfter?: number | undefined
  /** What the kubelet says after its restart. Default: what it said before. */
  says?: { ready?: boolean; version?: string }
}

/** What happened, with the second: "12 w1 restarted". */
export interface Turns {
  log: string[]
  errors: string[]
  /** Nodes that are cordoned at the end. */
  cordoned: string[]
  /** How often hosts were asked since when units run. */
  timesAsked: number
}

/**
 * Applies what `up` does to the kubelet's configuration of workers, or to that of their network, in simulated time: their hosts are in memory, and so are
 * their Nodes.
 * @param over of the context: an upgrade; a rollout
 */
export async function runTurns(
  workers: Readonly<Record<string, Worker>>,
  over: (context: Context) => Partial<Context> = () => ({}),
  what: 'kubelet' | 'network' = 'kubelet',
): Promise<Turns> {
  let clock = start
  const log: string[] = []
  const note = (what: string): void => void log.push(`${Math.round(clock - start)} ${what}`)
  const lives = Object.entries(workers).map(
    ([name, worker], i) => new Life(name, worker, i, () => clock, note),
  )
  const base = contextOf(lives.map((one) => one.machine))
  const nodeOf = (name: string) => lives.find((one) => one.machine.spec.name === name)?.node()
  const list = async ({ kind }: { kind: string }) => (kind === 'Node' ? lives.map((one) => one.node()) : [])
  const client = {
    get: async ({ metadata: { name } }: { metadata: { name: string } }) => nodeOf(name),
    list,
    watched: list,
    text: async () => ({ status: 200, body: '' }),
  }
  const context: Context = {
    ...base,
    podCidrs: new Map(lives.map(({ machine: { spec } }) => [spec.name, new Late<string>(spec.name)])),
    now: () => new Date(clock * 1000),
    sleep: async (ms) => {
      clock += ms / 1000
      await new Promise((resolve) => setImmediate(resolve))
    },
    kube: Object.assign(async () => client as never, { renew: () => {} }),
  }
  const whole = { ...context, ...over(context) }
  const graph = buildGraph(what === 'kubelet' ? phases : networkPhases, whole)
  const events: RunEvent[] = []
  const { errors } = await runPlan(graph, await makePlan(graph), {
    emit: (event) => events.push(event),
    now: () => (clock - start) * 1000,
    sleep: whole.sleep,
    rollout: { width: { node: whole.spec.rollout.maxUnavailable } },
  })
  return {
    log,
    errors: errors.map(({ key, error }) => `${key}: ${error instanceof Error ? error.message : error}`),
    cordoned: lives.flatMap((one) => (one.node().spec.unschedulable ? [one.machine.spec.name] : [])),
    timesAsked: lives.reduce((sum, one) => sum + one.timesAsked, 0),
  }
}

/** One worker in memory: its files, its kubelet, its Node. */
class Life {
  readonly machine: Machine
  timesAsked = 0
  #marked = false
  #content = 'what was there'
  #started = start - 1000
  readonly podCidr: string
  #runs: boolean

  constructor(
    name: string,
    private readonly worker: Worker,
    index: number,
    private readonly clock: () => number,
    private readonly note: (what: string) => void,
  ) {
    this.#runs = worker.runs ?? true
    this.podCidr = `10.244.${index + 1}.0/24`
    const own = machine({ name, address: `10.88.0.${index + 21}`, roles: ['worker'] }, { kubernetes: true })
    this.machine = { ...own, host: this.#host(name) }
  }

  /** The Node as the API has it: of the kubelet before the restart, until the new one has spoken. */
  node() {
    const { ready = true, cordoned, speaksAfter, says = {} } = this.worker
    const restarted = this.#started > start - 1000
    const spoke = restarted && speaksAfter !== undefined && this.clock() >= this.#started + speaksAfter
    const at = spoke ? this.#started + (speaksAfter ?? 0) : start - 30
    const time = new Date(Math.floor(at) * 1000).toISOString()
    return {
      metadata: { name: this.machine.spec.name, labels: {} },
      spec: { podCIDR: this.podCidr, ...(cordoned ? { unschedulable: true } : {}) },
      status: {
        nodeInfo: { kubeletVersion: (spoke ? says.version : undefined) ?? 'v1.20.1' },
        conditions: [
          {
            type: 'Ready',
            status: ((spoke ? says.ready : undefined) ?? ready) ? 'True' : 'False',
            lastHeartbeatTime: time,
            lastTransitionTime: new Date((start - 900) * 1000).toISOString(),
          },
        ],
      },
    }
  }

  #host(name: string): Host {
    const answer = (text: string, code = 0) => ({ code, stdout: Buffer.from(text) })
    const host = fakeHost(name, {
      answer: (question) => {
        const { script, args = [] } = question
        const units = unitsAnswer(question, this.#runs ? 'active' : 'inactive')
        if (units) return units
        if (script.startsWith('cat ')) return answer(boot)
        if (script.includes('ActiveEnterTimestampMonotonic'))
          return answer(
            `ActiveState=${this.#runs ? 'active' : 'inactive'}\nActiveEnterTimestampMonotonic=${this.#started}\n`,
          )
        if (script.startsWith('date +%s')) {
          this.timesAsked += 1
          return answer(
            [this.clock(), ...args.map((one) => (one === unit ? this.#started : start - 5000))]
              .map(Math.floor)
              .join('\n'),
          )
        }
        return answer('')
      },
      onMutate: ({ args = [] }) => {
        if (args[0] === unit) {
          this.note(`${name} ${args[2]}ed`)
          this.#started = this.clock()
          this.#runs = true
          this.#marked = false
        }
        return {}
      },
    })
    return {
      ...host,
      stat: async (path): Promise<FileState> =>
        path.startsWith(markDirectory) && !this.#marked
          ? { kind: 'absent' }
          : {
              kind: 'file',
              mode: '0644',
              owner: 'root:root',
              size: this.#content.length,
              sha256: createHash('sha256').update(this.#content).digest('hex'),
              content: Buffer.from(this.#content),
            },
      write: async ({ content }) => {
        this.note(`${name} written`)
        this.#content = String(content)
        this.#marked = true
      },
    }
  }
}
