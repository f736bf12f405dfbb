import type { Step } from '../../engine/step.js'
import type { FileState, Host } from '../../host/host.js'
import type { NetworkNode } from '../network.js'

/** One file a peer: "PODCIDR GATEWAY". The unit's script reads them all when the machine starts. */
export const routeDirectory = '/etc/kubestrap/bridge/routes'

interface RouteState {
  file: FileState
  route: string
}

/**
 * The way from this node to the pods of another, now and after a reboot. A step a peer, so that a
 * node that cannot join delays nobody else's traffic.
 */
export function peerRoute(host: Host, peer: NetworkNode): Step<RouteState> {
  const path = `${routeDirectory}/${peer.name}`
  const line = (): string => `${peer.podCidr.get()} ${peer.address}\n`
  return {
    id: `route:${peer.name}`,
    title: `route to the Pods of ${peer.name}`,
    target: host.name,
    node: peer.name,
    needs: [peer.knownAfter, `${host.name}/@packages`],
    probe: async () => {
      // the route is asked for by what the file says, since the podCIDR may not be known yet here
      const [state, route] = await Promise.all([
        host.stat(path, { content: true }),
        host.read({
          script: 'read -r cidr via <"$1" && ip route show "$cidr" via "$via"; exit 0',
          args: [path],
        }),
      ])
      return { file: state, route: route.stdout.toString().trim() }
    },
    diff: (state) => {
      const same = state.file.kind === 'file' && state.file.content?.toString() === line()
      if (same && state.route !== '') return []
      return [{ kind: 'update', summary: `route ${peer.podCidr.get()} via ${peer.address}` }]
    },
    apply: async () => {
      // a node that joined anew may have another subnet: the way to its old one may now be another node's
      await host.mutate({
        what: `add the route to ${peer.podCidr.get()}`,
        script: `
if [ -s "$3" ] && read -r cidr via <"$3" && [ "$cidr $via" != "$1 $2" ]; then
  ip route del "$cidr" via "$via" 2>/dev/null || :
fi
ip route replace "$1" via "$2"`,
        args: [peer.podCidr.get(), peer.address, path],
        timeoutMs: 10_000,
      })
      await host.write({ path, content: line(), mode: '0644' })
    },
  }
}
