import type { X509Certificate } from 'node:crypto'
import { isMapping, type Mapping } from '../lib/is-mapping.js'
import type { Secret } from '../lib/secret.js'
import { plainYaml } from '../lib/yaml-plain.js'
import { certificatesOf, privateKeyOf } from './pem.js'

/** What a kubeconfig's current context says. */
export interface KubeconfigFacts {
  /** URL. */
  server: string
  /** PEM. */
  ca: string
  credentials: { ca: string; cert: string; key: Secret }
  user: string
  /** Whether the key is that of the certificate. */
  keyFits: boolean
  /**
   * What it says besides that would change where kubectl goes, whom it trusts or what it runs: "user.exec",
   * "cluster.proxy-url". None of it is ever used.
   */
  foreign: readonly string[]
}

/** admin.conf has six thousand characters. */
const limit = 256 * 1024
/** What may stand in an entry and changes nothing. */
const harmless = ['extensions', 'namespace', 'disable-compression', 'preferences']

/**
 * Reads the current context of a kubeconfig whose certificates and key are embedded: what is given on from here was
 * decoded, and written anew.
 * @throws Error with plain words when it is something else; never quotes the text
 */
export function parseKubeconfig(text: string): KubeconfigFacts {
  const { cluster, who, context, user } = currentOf(text)
  const ca = certificatesOf(embedded(cluster, 'certificate-authority-data'), 'certificate-authority-data').pem
  const { pem: cert, all } = certificatesOf(
    embedded(who, 'client-certificate-data'),
    'client-certificate-data',
  )
  const key = privateKeyOf(embedded(who, 'client-key-data'), 'client-key-data')
  const keyFits = all[0] !== undefined && key.fits(all[0])
  const foreign = [
    ...others('cluster', cluster, ['server', 'certificate-authority-data']),
    ...others('user', who, ['client-certificate-data', 'client-key-data']),
    ...others('context', context, ['cluster', 'user']),
  ]
  const server = string(cluster.server, 'cluster.server')
  return { server, ca, credentials: { ca, cert, key: key.pem }, user, keyFits, foreign }
}

/**
 * An administrator's kubeconfig of a machine, as far as it may be given to somebody who trusts that machine with
 * nothing else: authority, certificate and key are what they say, and belong together. Where the API is, the inventory
 * knows.
 * @throws Error with plain words when anything else stands in it; never quotes the text
 */
export function checkedKubeconfig(text: string): { ca: string; cert: string; key: Secret } {
  const { credentials, keyFits, foreign } = parseKubeconfig(text)
  if (foreign.length > 0) throw new Error(`it has ${foreign.join(', ')}, which kubestrap never writes`)
  const authorities = certificatesOf(credentials.ca, 'certificate-authority-data').all
  const [own] = certificatesOf(credentials.cert, 'client-certificate-data').all
  const stranger = authorities.find(({ ca }) => !ca)
  if (stranger)
    throw new Error('its certificate-authority-data is not a certificate authority (CA:TRUE is missing)')
  if (!own || !authorities.some((authority) => signed(own, authority)))
    throw new Error('its client certificate is not signed by its certificate authority')
  if (!keyFits) throw new Error('its key is not that of its client certificate')
  return credentials
}

function signed(own: X509Certificate, authority: X509Certificate): boolean {
  return own.checkIssued(authority) && own.verify(authority.publicKey)
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
  const { clusters } = record(plainYaml(text, 'the kubeconfig', limit), 'cluster-info')
  const [only, ...more] = Array.isArray(clusters) ? clusters : []
  if (!isMapping(only) || more.length > 0) throw new Error('cluster-info does not name exactly one cluster')
  const data = embedded(record(only.cluster, 'cluster'), 'certificate-authority-data')
  return certificatesOf(data, 'certificate-authority-data').pem
}

interface Current {
  cluster: Mapping
  who: Mapping
  context: Mapping
  user: string
}

/** Cluster, user and context that are current. */
function currentOf(text: string): Current {
  const config = record(plainYaml(text, 'the kubeconfig', limit), 'the kubeconfig')
  const contextName = string(config['current-context'], 'current-context')
  const context = entry(config.contexts, contextName, 'context')
  const user = string(context.user, 'context.user')
  const cluster = entry(config.clusters, string(context.cluster, 'context.cluster'), 'cluster')
  return { cluster, who: entry(config.users, user, 'user'), context, user }
}

function others(kind: string, found: Mapping, ours: readonly string[]): string[] {
  return Object.keys(found)
    .filter((name) => !ours.includes(name) && !harmless.includes(name))
    .map((name) => `${kind}.${/^[a-z-]{1,40}$/.test(name) ? name : 'another field'}`)
}

/** The named member of a list of {name, [kind]: {…}}. */
function entry(list: unknown, name: string, kind: string): Mapping {
  const found = (Array.isArray(list) ? list : []).find(
    (item: unknown) => isMapping(item) && item.name === name && isMapping(item[kind]),
  )
  if (!isMapping(found)) throw new Error(`the kubeconfig has no ${kind} "${name}"`)
  return record(found[kind], kind)
}

function embedded(from: Mapping, field: string): string {
  const text = Buffer.from(string(from[field], `embedded ${field}`), 'base64').toString()
  if (!text.includes('-----BEGIN ')) throw new Error(`${field} of the kubeconfig is not base64 of PEM`)
  return text
}

function record(value: unknown, what: string): Mapping {
  if (!isMapping(value)) throw new Error(`${what} is not a YAML mapping`)
  return value
}

function string(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '') throw new Error(`the kubeconfig has no ${what}`)
  return value
}
