import type { Step } from '../../engine/step.js'
import type { Host } from '../../host/host.js'
import { routeDirectory } from './peer-route.js'

interface Route {
  /** The node it leads to. */
  node: string
  cidr: string
}

const listScript = `
for f in ${routeDirectory}/*; do
  [ -f "$f" ] || continue
  name=\${f##*/}
  case " $* " in *" $name "*) continue ;; esac
  read -r cidr via <"$f" && echo "$name $cidr"
done
exit 0
`

const removeScript = `
for name; do
  f=${routeDirectory}/$name
  [ -f "$f" ] || continue
  read -r cidr via <"$f" && ip route del "$cidr" via "$via" 2>/dev/null
  rm -f -- "$f" || exit 1
done
`

/**
 * No route is left to the pods of a node that is neither in the inventory nor in the cluster: its subnet is
 * given to another node sooner or later. A node the inventory alone does not have keeps its route.
 * @param peers nodes of the inventory
 * @param members names of all nodes the cluster has
 */
export function routesGone(
  host: Host,
  peers: readonly string[],
  members: () => Promise<readonly string[]>,
): Step<readonly Route[]> {
  const find = async (): Promise<Route[]> => {
    const answer = await host.read({ what: 'list routes to Pods', script: listScript, args: [...peers] })
    const routes = answer.stdout
      .toString()
      .split('\n')
      .flatMap((line): Route[] => {
        const [node, cidr] = line.split(' ')
        return node && cidr ? [{ node, cidr }] : []
      })
    if (routes.length === 0) return []
    const known = await members()
    return routes.filter(({ node }) => !known.includes(node))
  }
  return {
    id: 'routes-gone',
    title: 'routes to the Pods of removed nodes',
    target: host.name,
    needs: [`${host.name}/@packages`],
    probe: find,
    diff: (routes) =>
      routes.map(({ node, cidr }) => ({
        kind: 'remove',
        summary: `remove the route to ${cidr}, the Pods of ${node}`,
      })),
    apply: async () => {
      const left = (await find()).map(({ node }) => node)
      await host.mutate({
        what: `remove the routes to the Pods of ${left.join(', ')}`,
        script: removeScript,
        args: left,
        timeoutMs: 20_000,
      })
    },
  }
}
