import type { Context } from '../context.js'
import { isNode, type Machine } from '../machine.js'
import { type Check, onEach, type Problem } from './check.js'
import type { Closer } from './closer.js'
import type { FoundRuntime } from './presence.js'

/** What machines that are not nodes yet were asked besides. */
export const closerChecks: readonly Check[] = [
  {
    name: 'PortReach',
    about: 'Machines reach each other on the ports Kubernetes needs; "connection refused" counts as reached.',
    run: (_context, { ways }) => waysProblems(ways),
  },
  {
    name: 'ContainerRuntime',
    about: 'No container runtime from elsewhere is where ours will be.',
    run: onEach((machine, context, { presence }) => {
      const found = presence.get(machine.spec.name)
      if (found === undefined || !isNode(machine)) return undefined
      if (found === 'unknown')
        return {
          severity: 'warning',
          what: 'could not look for container runtimes',
          next: 'see by hand whether docker, containerd, cri-o or podman is installed',
        }
      return runtimeProblem(machine, context, found.runtimes)
    }),
  },
  {
    name: 'Firewalld',
    about: 'No firewall manages rules of its own beside those of Kubernetes.',
    run: onEach(({ spec }, _context, { presence }) => {
      const found = presence.get(spec.name)
      if (found === undefined || found === 'unknown' || found.firewalls.length === 0) return undefined
      return {
        severity: 'warning',
        what: `${found.firewalls.join(', ')} is active`,
        next: 'it must let through the ports of Kubernetes and the traffic of pods, also after it reloads',
      }
    }),
  },
]

/** One problem for all ports that fail in the same way between the same two. */
function waysProblems(ways: Closer['ways']): Problem[] {
  const groups = new Map<string, { problem: Omit<Problem, 'what'>; words: string; to: string[] }>()
  for (const way of ways) {
    const told = tell(way)
    if (!told) continue
    const { words, ...problem } = told
    const key = [way.from.spec.name, way.to, words].join(' ')
    const group = groups.get(key) ?? { problem, words, to: [] }
    groups.set(key, group)
    group.to.push(`${way.to} ${way.address}:${way.port} (${way.what})`)
  }
  return [...groups.values()].map(({ problem, words, to }) => ({
    ...problem,
    what: `${words} ${to.join(', ')}`,
  }))
}

function tell(way: Closer['ways'][number]): (Omit<Problem, 'what'> & { words: string }) | undefined {
  const host = way.from.spec.name
  switch (way.result) {
    case 'open':
      return undefined
    case 'refused':
      return way.mustListen
        ? {
            host,
            severity: 'error',
            words: 'nothing listens at',
            next: 'start it, or correct etcd.external',
          }
        : undefined
    case 'silent':
    case 'blocked':
      return {
        host,
        severity: 'error',
        words: way.result === 'silent' ? 'no answer from' : 'turned away on the way to',
        next: 'let these through in the firewalls and security groups between them; see also the route',
      }
    case 'unknown':
      return {
        host,
        severity: 'warning',
        words: `could not try (${way.words || 'no answer'})`,
        next: 'see by hand whether it is reached',
      }
  }
}

function runtimeProblem(
  { os }: Machine,
  { runtime }: Context,
  found: readonly FoundRuntime[],
): Omit<Problem, 'host'> | undefined {
  const ours = [...os.packages.docker, ...os.packages.containerd]
  const foreign = found.filter(({ owner }) => !ours.includes(owner))
  if (foreign.length === 0) return undefined
  const by = ({ name, path, owner, running }: FoundRuntime): string =>
    `${name} (${owner === '' ? path : `package ${owner}`}${running ? ', running' : ''})`
  const inTheWay = foreign.filter(({ name }) => runtime.daemons.includes(name))
  if (inTheWay.length > 0)
    return {
      severity: 'error',
      what: `${inTheWay.map(by).join(', ')} is where ${runtime.packages(os).join(', ')} will be`,
      next: 'remove it with what runs in it, since installing ours would; or ignore ContainerRuntime',
    }
  return {
    severity: 'warning',
    what: `${foreign.map(by).join(', ')} is there too`,
    next: 'it stays as it is; its networks in /etc/cni/net.d must not come before ours',
  }
}
