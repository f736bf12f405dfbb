import { NotYet } from '../../engine/late.js'
import type { Change, Need, Step } from '../../engine/step.js'
import type { Host } from '../../host/host.js'
import { canonicalAddress } from '../../lib/cidr.js'
import { remembering } from '../../lib/remembering.js'
import type { NodeSettings, Peers } from '../network.js'
import { lookScript, parseRoutes, type Route, routeFile, routeTo, type SeenRoutes } from './route-table.js'

/** What a look found, and whether the nodes that are still to join are part of the answer. */
interface Seen extends SeenRoutes {
  planning: boolean
  /** Names of all nodes the cluster has; undefined where nobody has to know. */
  members: ReadonlySet<string> | undefined
}

/** What is to be done. */
interface RouteWork {
  /** Routes that the kernel or the file lacks. */
  add: readonly Route[]
  /** Of nodes that are in neither the inventory nor the cluster: their subnets are given to others sooner or later. */
  gone: readonly Route[]
  /** Ways to the former subnets of nodes that joined anew: each may now be another's. */
  former: readonly Route[]
  /** What the file is to say. */
  file: readonly Route[]
  /** Names of nodes whose subnets this run will know. */
  unknown: readonly string[]
}

/**
 * The ways from this node to the Pods of the others, now and after a reboot, in one step: one a peer would be as many
 * as the square of the nodes. It comes when each of the others is registered or has failed to, and has routes to
 * those that are: a node that cannot join keeps nobody else's traffic.
 *
 * In a run limited to some hosts, another host has only its routes to those looked at. A node that the inventory alone
 * does not have keeps its route.
 */
export function routes(
  host: Host,
  { nodes, names }: Peers,
  settings: NodeSettings,
  needs: readonly Need[],
): Step<Seen> {
  const { chosen, inventory } = settings
  const mayRemove = chosen?.has(host.name) ?? true
  const look = async (planning: boolean): Promise<Seen> => {
    const seen = await lookAtRoutes(host, settings)
    const strangers = mayRemove && seen.recorded.some(({ node }) => !inventory.has(node))
    return { ...seen, planning, members: strangers ? new Set(await settings.members()) : undefined }
  }
  const workFor = ({ recorded, kernel, planning, members }: Seen): RouteWork => {
    const wanted = nodes
      .filter(({ name, podCidr }) => name !== host.name && podCidr.known)
      .map(({ name, podCidr, address }) => routeTo(name, podCidr.get(), canonical(address)))
    const had = new Map(recorded.map((route) => [route.node, route]))
    const wantedOf = new Map(wanted.map((route) => [route.node, route.text]))
    const gone = recorded.filter(({ node }) => members && !inventory.has(node) && !members.has(node))
    const lost = new Set(gone)
    return {
      add: wanted.filter((route) => {
        const before = had.get(route.node)
        return before?.text !== route.text || !kernel.has(route.text)
      }),
      gone,
      former: recorded.filter((route) => {
        const now = wantedOf.get(route.node)
        return now !== undefined && now !== route.text
      }),
      file: [...recorded.filter((route) => !lost.has(route) && !wantedOf.has(route.node)), ...wanted],
      unknown: planning
        ? nodes
            .filter(
              ({ name, podCidr }) => name !== host.name && !podCidr.known && (chosen?.has(name) ?? true),
            )
            .map(({ name }) => name)
        : [],
    }
  }
  return {
    id: 'routes',
    title: 'routes to the Pods of other nodes',
    target: host.name,
    nodes: names,
    needs,
    follows: [settings.allKnownAfter],
    probe: (one) => look(one?.planning ?? false),
    diff: (seen) => changesFor(workFor(seen), seen),
    apply: async (_, { observed: seen }) => {
      const { add, gone, former, file } = workFor(seen)
      const away = [...gone, ...former].filter((route) => seen.kernel.has(route.text))
      if (away.length > 0)
        await host.mutate({
          what: `remove routes to Pods (${away.length})`,
          // one that is not there is as it should be
          script: 'ip -force -batch - 2>/dev/null; exit 0',
          stdin: away.map((route) => `route del ${route.text}\n`).join(''),
          timeoutMs: 30_000,
        })
      // before the kernel has them: what is lacking there is seen by the next look, a route that no file tells of by none
      await host.write({
        path: routeFile,
        content: file.map(({ cidr, via, node }) => `${cidr} ${via} ${node}\n`).join(''),
        mode: '0644',
      })
      if (add.length > 0 || seen.scattered)
        await host.mutate({
          what: `add routes to Pods (${add.length})`,
          script: `
for f in "\${1%/*}"/*; do
  [ "$f" = "$1" ] || rm -f -- "$f" || exit 1
done
ip -force -batch -`,
          args: [routeFile],
          stdin: add.map((route) => `route replace ${route.text}\n`).join(''),
          timeoutMs: 30_000,
        })
    },
  }
}

/** Every node has routes to the same addresses. */
const canonical = remembering(canonicalAddress)

async function lookAtRoutes(host: Host, { podSubnet }: NodeSettings): Promise<SeenRoutes> {
  const answer = await host.read({
    what: 'list routes to Pods',
    script: lookScript,
    args: [routeFile, podSubnet.includes(':') ? '-6' : '-4'],
  })
  if (answer.code !== 0) throw new Error(`cannot list the routes: ${answer.stderr.trim()}`)
  return parseRoutes(answer.stdout.toString())
}

/** Pure but for the nodes' subnets, which are Lates. */
function changesFor({ add, gone, unknown }: RouteWork, { scattered }: SeenRoutes): Change[] {
  const changes: Change[] = [
    ...(add.length === 0 ? [] : [added(add)]),
    ...(gone.length === 0 ? [] : [removed(gone)]),
    ...(scattered && add.length === 0
      ? [{ kind: 'update' as const, summary: `keep the routes in one file, ${routeFile}` }]
      : []),
  ]
  if (unknown.length === 0) return changes
  const missing = unknown.length > 3 ? `of ${unknown.length} nodes` : `of ${unknown.join(', ')}`
  if (changes.length === 0) throw new NotYet(`the Pod subnet${unknown.length > 1 ? 's' : ''} ${missing}`)
  return [...changes, { kind: 'update', summary: `routes to the Pods ${missing}, known after apply` }]
}

function added(routes: readonly Route[]): Change {
  const [only, ...more] = routes
  const subjects = routes.map(({ node }) => node)
  if (only && more.length === 0) return { kind: 'update', subjects, summary: `route ${only.text}` }
  return {
    kind: 'update',
    subjects,
    summary: `routes to the Pods of ${routes.length} nodes`,
    diff: routes.map((route) => `+${route.text} (${route.node})`).join('\n'),
  }
}

function removed(routes: readonly Route[]): Change {
  const [only, ...more] = routes
  const subjects = routes.map(({ node }) => node)
  if (only && more.length === 0)
    return {
      kind: 'remove',
      subjects,
      summary: `remove the route to ${only.cidr}, the Pods of ${only.node}`,
    }
  return {
    kind: 'remove',
    subjects,
    summary: `remove the routes to the Pods of ${routes.length} nodes`,
    diff: routes.map((route) => `-${route.text} (${route.node})`).join('\n'),
  }
}
