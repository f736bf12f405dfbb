import { dump } from 'js-yaml'
import { UserError } from '../lib/errors.js'
import { isMapping, type Mapping } from '../lib/is-mapping.js'
import { plainYaml } from '../lib/yaml-plain.js'
import { certificatesOf } from '../pki/pem.js'
import { shares, trustListOf } from '../pki/trust.js'
import type { Administrator } from './admin-kubeconfig.js'

const kinds = [
  ['clusters', 'cluster'],
  ['users', 'user'],
  ['contexts', 'context'],
] as const
type List = (typeof kinds)[number][0]

/** A kubeconfig of many clusters, with their certificates in it. */
const limit = 16 * 1024 * 1024
/** Of a cluster's entry: what keeps kubectl from checking the API server by the authority that is written beside it. */
const againstAuthority = ['insecure-skip-tls-verify', 'certificate-authority']

/**
 * A user's kubeconfig with a cluster added, or renewed, under a name of its own; the current context becomes that one.
 * Everything else in it stays as it is, in its place (comments do not: kubectl itself keeps none); of our own entries
 * what the user added stays too: a proxy-url, a namespace, extensions.
 * @param existing the user's file; '' when there is none
 * @param name of the cluster and the context; the user is NAME-admin
 * Throws UserError('step') when the file cannot be read or an entry of these names is another's, naming the entry. Never
 * quotes a value of the file.
 */
export function mergeKubeconfig(existing: string, own: Administrator, name: string): string {
  const config = read(existing)
  const user = `${name}-admin`
  const cluster = clusterOf(entryOf(config, 'clusters', name), own, name)
  const wanted: Record<List, Mapping> = {
    clusters: { name, cluster },
    users: { name: user, user: userOf(entryOf(config, 'users', user), own, user) },
    contexts: { name, context: contextOf(entryOf(config, 'contexts', name), name, user) },
  }
  const merged: Mapping = { apiVersion: 'v1', kind: 'Config', ...config, 'current-context': name }
  for (const [list] of kinds) {
    const all = entries(config, list)
    const entry = wanted[list]
    const at = all.findIndex((one) => one.name === entry.name)
    // what stands beside name and cluster of our own entry stays too
    merged[list] = at < 0 ? [...all, entry] : all.with(at, { ...all[at], ...entry })
  }
  return dump(merged, { lineWidth: -1, noRefs: true })
}

const refuse = (message: string, next: string): UserError =>
  new UserError('step', `your kubeconfig ${message}`, { next })
const otherName = 'give this cluster another name: --name NAME'

function read(text: string): Mapping {
  const another = 'correct it, or name another file: --kubeconfig FILE'
  let value: unknown
  try {
    value = plainYaml(text, 'it', limit)
  } catch (error) {
    throw refuse(`cannot be read: ${error instanceof Error ? error.message : 'it is not YAML'}`, another)
  }
  if (value === undefined || value === null) return {}
  if (!isMapping(value)) throw refuse('is not a kubeconfig', another)
  for (const [list, kind] of kinds) {
    const all = value[list]
    if (all === undefined || all === null) continue
    if (!Array.isArray(all)) throw refuse(`is not a kubeconfig: ${list} is no list`, another)
    const odd = all.findIndex((one) => !isMapping(one) || typeof one.name !== 'string')
    // kept as it is it would not be kept: nobody knows whose name it has
    if (odd >= 0) throw refuse(`has something else than a ${kind} with a name at ${list}[${odd}]`, another)
  }
  if (!survives(value))
    throw refuse(
      'has a number that would not be written back as it is',
      'put quotes around long numbers in it',
    )
  return value
}

/** Whether all numbers are written as they were read. */
function survives(value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value) || !Number.isInteger(value)
  if (typeof value !== 'object' || value === null) return true
  return Object.values(value).every(survives)
}

function entries(config: Mapping, list: List): Mapping[] {
  const all = config[list]
  return Array.isArray(all) ? all.filter(isMapping) : []
}

/** The one entry of a name. */
function entryOf(config: Mapping, list: List, name: string): Mapping | undefined {
  const [one, ...more] = entries(config, list).filter((entry) => entry.name === name)
  if (more.length > 0)
    throw refuse(`has ${more.length + 1} ${list} called ${name}`, `remove all but one, or ${otherName}`)
  return one
}

function clusterOf(there: Mapping | undefined, { server, ca }: Administrator, name: string): Mapping {
  const own = {
    'certificate-authority-data': base64(ca),
    server: server.url,
    ...(server.tlsServerName === undefined ? {} : { 'tls-server-name': server.tlsServerName }),
  }
  if (there === undefined) return own
  const cluster = isMapping(there.cluster) ? there.cluster : {}
  if (!sameAuthority(cluster['certificate-authority-data'], ca))
    throw refuse(`has another cluster called ${name}`, otherName)
  const against = againstAuthority.find((field) => cluster[field] !== undefined && cluster[field] !== false)
  if (against !== undefined)
    throw refuse(`has ${against} in the cluster ${name}`, `remove it there, or ${otherName}`)
  // a name to check for belongs to the server it was written for
  const { 'tls-server-name': checked, ...others } = cluster
  const kept = checked !== undefined && cluster.server === server.url ? { 'tls-server-name': checked } : {}
  return { ...others, ...kept, ...own }
}

/** Ours is one with nothing but a certificate of this authority and a key. */
function userOf(there: Mapping | undefined, { ca, cert, key }: Administrator, name: string): Mapping {
  const own = { 'client-certificate-data': base64(cert), 'client-key-data': base64(key.reveal()) }
  if (there === undefined) return own
  const user = isMapping(there.user) ? there.user : {}
  const more = Object.keys(user).filter((field) => !(field in own) && field !== 'extensions')
  if (more.length > 0)
    throw refuse(`has ${more.join(', ')} in the user ${name}, which is not of kubestrap`, otherName)
  if (!signedBy(user['client-certificate-data'], ca))
    throw refuse(`has another cluster's user called ${name}`, otherName)
  return { ...user, ...own }
}

/** A context that is renewed keeps its namespace. */
function contextOf(there: Mapping | undefined, cluster: string, user: string): Mapping {
  if (there === undefined) return { cluster, user }
  const context = isMapping(there.context) ? there.context : {}
  if (context.cluster !== cluster || context.user !== user)
    throw refuse(`has another context called ${cluster}`, otherName)
  return context
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const decoded = (data: unknown): string =>
  typeof data === 'string' ? Buffer.from(data, 'base64').toString() : ''

/** By meaning: another program may have written the same certificates with other line ends; one in common is enough while a CA is rotated. */
function sameAuthority(data: unknown, ca: string): boolean {
  try {
    return shares(trustListOf(certificatesOf(decoded(data), 'it').pem), trustListOf(ca))
  } catch {
    return false
  }
}

function signedBy(data: unknown, ca: string): boolean {
  try {
    const [own] = certificatesOf(decoded(data), 'it').all
    return certificatesOf(ca, 'it').all.some(
      (authority) => own?.checkIssued(authority) && own.verify(authority.publicKey),
    )
  } catch {
    return false
  }
}
