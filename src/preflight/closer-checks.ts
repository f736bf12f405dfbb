import type { Context } from '../cluster/context.js'
import { isNode, type Machine } from '../cluster/machine.js'
import { openingsOf, opensFirewall, shownOpenings } from '../steps/host/firewall-openings.js'
import { releasedPaths } from '../steps/programs/release-steps.js'
import { type Check, onEach, type Problem } from './check.js'
import type { Closer } from './closer.js'
import type { FoundRuntime } from './presence.js'

/** What machines that are not nodes yet were asked besides. */
export const closerChecks: readonly Check[] = [
  {
    name: 'PortReach',
    about:
      'Machines reach each other on the ports that Kubernetes requires; "connection refused" counts as reached.',
    run: (context, { ways }) => waysProblems(context, ways),
  },
  {
    name: 'OneLink',
    about: 'Nodes reach each other without a router between them, where the Pod network requires that.',
    run: onEach((machine, { network }, { links }) => {
      const routed = links.get(machine.spec.name)
      if (routed === undefined || routed.length === 0) return undefined
      if (routed === 'unknown')
        return {
          severity: 'warning',
          what: 'could not check whether the other nodes are in its layer 2 network',
          next: `check by hand (ip route get ADDRESS): Pod network ${network.id} requires it`,
        }
      const [{ to, via } = { to: '', via: '' }] = routed
      const more = routed.length > 1 ? `, as ${routed.length - 1} more` : ''
      return {
        severity: 'error',
        what: `it reaches ${to} by way of the router ${via}${more}; Pod network ${network.id} has routes that name the node itself`,
        next: 'use network: flannel with backend vxlan, which works over any network',
      }
    }),
  },
  {
    name: 'ContainerRuntime',
    about: 'No other container runtime conflicts with the one to be installed.',
    run: onEach((machine, context, { presence }) => {
      const found = presence.get(machine.spec.name)
      if (found === undefined || !isNode(machine)) return undefined
      if (found === 'unknown')
        return {
          severity: 'warning',
          what: 'could not check for container runtimes',
          next: 'check by hand whether docker, containerd, cri-o or podman is installed',
        }
      return runtimeProblem(machine, context, found.runtimes)
    }),
  },
  {
    name: 'Firewalld',
    about: 'No firewall manager is active beside the rules of Kubernetes.',
    run: onEach((machine, context, { presence }) => {
      const found = presence.get(machine.spec.name)
      if (found === undefined || found === 'unknown' || found.firewalls.length === 0) return undefined
      const others = found.firewalls.filter(
        (name) => name !== 'firewalld' || !opensFirewall(context, machine),
      )
      const needed = shownOpenings(openingsOf(context, machine))
      return others.length === 0
        ? {
            severity: 'warning',
            what: 'firewalld is active',
            next: `nothing to do: up opens ${needed}; set firewall: leave for the host to open them yourself`,
          }
        : {
            severity: 'warning',
            what: `${others.join(', ')} is active`,
            next: `it must allow ${needed}${isNode(machine) ? ', and forward Pod traffic' : ''}, also after it reloads its rules${others.includes('firewalld') ? '; or set firewall: open for the host' : ''}`,
          }
    }),
  },
]

/** One problem for all ports that fail in the same way between the same two. */
function waysProblems(context: Context, ways: Closer['ways']): Problem[] {
  const machines = new Map(context.machines.map((machine) => [machine.spec.name, machine]))
  const groups = new Map<string, { problem: Omit<Problem, 'what'>; words: string; to: string[] }>()
  for (const way of ways) {
    const there = machines.get(way.to)
    const told = tell(way, there === undefined ? 'not' : opening(context, there))
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

/** Whether firewalld of a machine lets something in: up opens it, could open it, or has nothing to do with it. */
function opening(context: Context, machine: Machine): 'opened' | 'possible' | 'not' {
  if (opensFirewall(context, machine)) return 'opened'
  const { firewalls } = machine.facts
  return firewalls !== 'unknown' && firewalls.includes('firewalld') ? 'possible' : 'not'
}

function tell(
  way: Closer['ways'][number],
  there: 'opened' | 'possible' | 'not',
): (Omit<Problem, 'what'> & { words: string }) | undefined {
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
            next: 'start it, or fix etcd.external',
          }
        : undefined
    case 'silent':
    case 'blocked':
      return {
        host,
        severity: there === 'opened' ? 'warning' : 'error',
        words: way.result === 'silent' ? 'no answer from' : 'rejected on the way to',
        next:
          there === 'opened'
            ? 'nothing to do if firewalld there rejects it: up opens the port'
            : `allow this traffic in the firewalls and security groups between the machines, and check the route${there === 'possible' ? `; firewalld is active on ${way.to}: firewall: open for it makes up open the port` : ''}`,
      }
    case 'unknown':
      return {
        host,
        severity: 'warning',
        words: `could not check (${way.words || 'no answer'})`,
        next: 'check by hand whether the port is reachable',
      }
  }
}

function runtimeProblem(
  { os }: Machine,
  context: Context,
  found: readonly FoundRuntime[],
): Omit<Problem, 'host'> | undefined {
  const ours = [...os.packages.docker, ...os.packages.containerd]
  const { runtime } = context
  const released = releasedPaths(context)
  const foreign = found.filter(({ owner, path }) => !ours.includes(owner) && !released.includes(path))
  if (foreign.length === 0) return undefined
  const by = ({ name, path, owner, running }: FoundRuntime): string =>
    `${name} (${owner === '' ? path : `package ${owner}`}${running ? ', running' : ''})`
  const inTheWay = foreign.filter(({ name }) => runtime.daemons.includes(name))
  if (inTheWay.length > 0)
    return {
      severity: 'error',
      what: `${inTheWay.map(by).join(', ')} conflicts with the package ${runtime.packages(os).join(', ')}, which kubestrap installs`,
      next: 'remove it and the containers in it, as installing the package would; or ignore ContainerRuntime',
    }
  return {
    severity: 'warning',
    what: `${foreign.map(by).join(', ')} is also installed`,
    next: 'it is not changed; its files in /etc/cni/net.d must not sort before those of kubestrap',
  }
}
