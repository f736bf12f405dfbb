import { CORE_SCHEMA, load } from 'js-yaml'
import { Secret } from '../lib/secret.js'

/** What a kubeconfig's current context says. */
export interface KubeconfigFacts {
  /** URL. */
  server: string
  /** PEM. */
  ca: string
  credentials: { ca: string; cert: string; key: Secret }
  user: string
}

/**
 * Reads the current context of a kubeconfig whose certificates and key are embedded.
 * @throws Error with plain words when it is something else; never quotes the text
 */
export function parseKubeconfig(text: string): KubeconfigFacts {
  const { cluster, who, user } = currentOf(text)
  const ca = embedded(cluster, 'certificate-authority-data')
  const cert = embedded(who, 'client-certificate-data')
  const key = new Secret(embedded(who, 'client-key-data'))
  return { server: string(cluster.server, 'cluster.server'), ca, credentials: { ca, cert, key }, user }
}

/** What a kubelet's kubeconfig says: its certificate and key lie in files, which the kubelet renews. */
export interface KubeletKubeconfigFacts {
  server: string
  /** PEM. */
  ca: string
  certificateFile: string
  keyFile: string
}

/**
 * Reads a kubelet's kubeconfig, by whatever names: the kubelet that joined calls its cluster default-cluster,
 * kubeadm init by the cluster's name.
 * @throws Error with plain words when it is something else; never quotes the text
 */
export function parseKubeletKubeconfig(text: string): KubeletKubeconfigFacts {
  const { cluster, who } = currentOf(text)
  return {
    server: string(cluster.server, 'cluster.server'),
    ca: embedded(cluster, 'certificate-authority-data'),
    certificateFile: string(who['client-certificate'], 'client-certificate'),
    keyFile: string(who['client-key'], 'client-key'),
  }
}

/**
 * The authority a cluster-info kubeconfig names: it has exactly one cluster and no context (kubeadm).
 * @returns PEM
 * @throws Error with plain words when it is something else
 */
export function clusterInfoAuthority(text: string): string {
  const { clusters } = record(parse(text), 'cluster-info')
  const [only, ...others] = Array.isArray(clusters) ? clusters : []
  if (!isRecord(only) || others.length > 0) throw new Error('cluster-info does not name exactly one cluster')
  return embedded(record(only.cluster, 'cluster'), 'certificate-authority-data')
}

function parse(text: string): unknown {
  try {
    return load(text, { schema: CORE_SCHEMA })
  } catch {
    // the parser's message quotes lines of the file, and those are keys
    throw new Error('the kubeconfig is not YAML')
  }
}

/** Cluster and user of the current context. */
function currentOf(text: string): {
  cluster: Record<string, unknown>
  who: Record<string, unknown>
  user: string
} {
  const config = record(parse(text), 'the kubeconfig')
  const contextName = string(config['current-context'], 'current-context')
  const context = entry(config.contexts, contextName, 'context')
  const user = string(context.user, 'context.user')
  const cluster = entry(config.clusters, string(context.cluster, 'context.cluster'), 'cluster')
  return { cluster, who: entry(config.users, user, 'user'), user }
}

/** The named member of a list of {name, [kind]: {…}}. */
function entry(list: unknown, name: string, kind: string): Record<string, unknown> {
  const found = (Array.isArray(list) ? list : []).find(
    (item: unknown) => isRecord(item) && item.name === name && isRecord(item[kind]),
  )
  if (!isRecord(found)) throw new Error(`the kubeconfig has no ${kind} "${name}"`)
  return record(found[kind], kind)
}

function embedded(from: Record<string, unknown>, field: string): string {
  const text = Buffer.from(string(from[field], `embedded ${field}`), 'base64').toString()
  if (!text.includes('-----BEGIN ')) throw new Error(`${field} of the kubeconfig is not base64 of PEM`)
  return text
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function record(value: unknown, what: string): Record<string, unknown> {
  if (!isRecord(value)) throw new Error(`${what} is not a YAML mapping`)
  return value
}

function string(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '') throw new Error(`the kubeconfig has no ${what}`)
  return value
}
