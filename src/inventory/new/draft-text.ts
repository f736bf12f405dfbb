import type { Draft, DraftHost, SshWishes } from './draft.js'
import { yamlScalar } from './yaml-scalar.js'

/** The text of a drafted inventory: commented, and no longer than it must be. Pure. */
export function draftText(draft: Draft): string {
  const {
    version,
    bundle,
    bundleCommand,
    endpoint,
    loadBalancer,
    networking,
    runtime,
    network,
    kubeletConfig,
    hosts,
  } = draft
  const lines = [
    '# Written by kubestrap new. Every key and its meaning: kubestrap inventory schema',
    'kubernetes:',
    `  version: ${JSON.stringify(version)}`,
    endpoint === undefined
      ? '  # controlPlaneEndpoint: api.example.com:6443 # set a name before the first up, to add control plane nodes later'
      : `  controlPlaneEndpoint: ${endpointScalar(endpoint)}${endpointComment(draft)}`,
    ...(loadBalancer ? [`loadBalancer: ${flow(loadBalancer)}`] : []),
    ...(networking
      ? [`networking: ${flow(networking)} # the default subnets contain addresses of these machines`]
      : []),
    ...(runtime === undefined ? [] : [`runtime: ${yamlScalar(runtime)}`]),
    ...(network === undefined ? [] : [`network: ${yamlScalar(network)}`]),
    ...(bundle === undefined
      ? []
      : ['binaries:', `  bundle: ${yamlScalar(bundle)} # created by: ${bundleCommand}`]),
    ...(Object.keys(kubeletConfig).length === 0
      ? []
      : [`kubelet: ${flow({ config: kubeletConfig })} # for machines with cgroup v1`]),
    ...sshLines(draft.ssh),
    'hosts:',
    ...hosts.map(hostLine),
  ]
  return `${lines.join('\n')}\n`
}

/** Without quotes where examples have none. */
const endpointScalar = (endpoint: string): string =>
  /^(?:[a-z][a-z0-9.-]*|(?:\d+\.){3}\d+):\d+$/.test(endpoint) ? endpoint : JSON.stringify(endpoint)

/** What the endpoint is, in the words of a comment. */
function endpointComment({ loadBalancer }: Draft): string {
  switch (loadBalancer?.type) {
    case 'node-local':
      return ' # on each node haproxy on that node, which asks every API server'
    case 'haproxy':
      return loadBalancer.virtualIP === undefined ? ' # the first load balancer' : ' # the virtual IP'
    case 'external':
      return ' # your own load balancer'
    default:
      return ''
  }
}

function sshLines({ sudoPassword, ...ssh }: SshWishes): string[] {
  const { user, port, key, hostKeys, password } = ssh
  const given = {
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port }),
    ...(key === undefined ? {} : { key }),
    ...(password === undefined ? {} : { password }),
    ...(sudoPassword === undefined ? {} : { sudo: { password: sudoPassword } }),
    ...(hostKeys === undefined ? {} : { hostKeys }),
  }
  return Object.keys(given).length === 0 ? [] : [`ssh: ${flow(given)}`]
}

function hostLine({ name, address, sshHost, roles, comment }: DraftHost): string {
  const settings = { address, ...(sshHost === undefined ? {} : { ssh: { host: sshHost } }), roles }
  return `  ${yamlScalar(name)}: ${flow(settings)}${comment === '' ? '' : ` # ${comment}`}`
}

/** A value in YAML's flow style. */
function flow(value: unknown): string {
  if (typeof value === 'string') return yamlScalar(value)
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${key}: ${flow(inner)}`)
    .join(', ')} }`
}
