// Events of a birth on many hosts, as the engine emits them; the same for the same numbers.

const phases = [
  ['proxy', 'Proxy', 1],
  ['host', 'Host prerequisites', 6],
  ['packages', 'Packages', 2],
  ['runtime', 'Container runtime', 4],
  ['binaries', 'Binaries', 3],
  ['images', 'Images', 3],
  ['pki', 'Certificates', 1],
  ['kubelet', 'Kubelet configuration', 5],
  ['control-plane', 'Control plane', 0],
  ['api', 'API server', 0],
  ['cluster-config', 'Cluster configuration', 0],
  ['join', 'Join workers', 4],
  ['nodes', 'Nodes', 0],
  ['pod-network', 'Pod network', 8],
  ['balancer', 'API load balancer, clean-up', 1],
]

/** Steps that are up to date from the start: told at once, without a beginning. */
const upToDate = new Set(['proxy', 'balancer'])
/** Steps that say how far they are. */
const sent = new Set(['binaries', 'images'])
/** Steps on the cluster, by phase. */
const onCluster = { 'control-plane': 7, api: 1, 'cluster-config': 14 }

/** Numbers from 0 to 1 that look random. */
function randomFrom(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/**
 * The events of a run that lasts `ms`, in order of their time.
 * @param failing on how many hosts a step fails, and what follows is not reached
 */
export function eventsOf(hosts, ms, failing = 0) {
  const random = randomFrom(hosts)
  const events = []
  const steps = []
  const step = (phase, target, i, title) => {
    const one = { key: `${target}/${phase}:${i}`, target, phase, title }
    steps.push(one)
    return one
  }
  /** Steps one after the other between two moments; from the broken one on they are not reached. */
  const inTurn = (list, from, to, broken = -1) => {
    const each = (to - from) / list.length
    for (const [i, one] of list.entries()) {
      const at = Math.round(from + each * i)
      const end = Math.round(at + each * (0.4 + 0.6 * random()))
      if (broken >= 0 && i > broken) events.push(notReached(one, end))
      else if (upToDate.has(one.phase))
        events.push({ type: 'step-finished', at: 0, step: one, status: 'ok', ms: 0 })
      else
        events.push(
          { type: 'step-started', at, step: one },
          ...(sent.has(one.phase) ? transfer(one, at, end) : []),
          finished(one, end, end - at, i === broken),
        )
    }
  }
  for (let n = 1; n <= hosts; n += 1) {
    const own = phases.flatMap(([id, title, count]) =>
      Array.from({ length: count }, (_, i) => step(id, `w${n}`, i, `${title.toLowerCase()} ${i + 1}`)),
    )
    const broken = n <= failing ? Math.floor(own.length / 2) : -1
    inTurn(own, ms * 0.1 * random(), ms * (0.8 + 0.2 * random()), broken)
  }
  for (const [id, count] of Object.entries(onCluster))
    inTurn(
      Array.from({ length: count }, (_, i) => step(id, 'cluster', i, `${id} ${i + 1}`)),
      ms * 0.3,
      ms * 0.5,
    )
  for (let n = 1; n <= hosts; n += 1)
    inTurn([step('nodes', 'cluster', n, `node w${n}`)], ms * 0.4, ms * (0.5 + 0.4 * random()))
  events.sort((a, b) => a.at - b.at)
  const first = {
    type: 'run-started',
    at: 0,
    workflow: 'up',
    phases: phases.map(([id, title]) => ({ id, title })),
    steps,
  }
  return [first, ...events]
}

const transfer = (step, at, end) =>
  Array.from({ length: 9 }, (_, i) => ({
    type: 'step-progress',
    at: Math.round(at + ((end - at) * (i + 1)) / 10),
    step,
    text: `${(i + 1) * 10} %`,
  }))

const notReached = (step, at) => ({
  type: 'step-finished',
  at,
  step,
  status: 'skipped',
  ms: 0,
  reason: 'an earlier step did not succeed',
})

function finished(step, at, ms, failed) {
  const head = { type: 'step-finished', at, step }
  if (failed)
    return {
      ...head,
      status: 'failed',
      ms,
      error: {
        message: 'the unit did not start',
        why: 'exit code 1\nno space left on device',
        next: 'free some space and run kubestrap up again',
        host: step.target,
      },
    }
  return {
    ...head,
    status: 'changed',
    ms,
    changes: [{ kind: 'create', summary: `write /etc/kubernetes/${step.title.replaceAll(' ', '-')}.conf` }],
  }
}
