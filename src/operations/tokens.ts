import type { Context } from '../cluster/context.js'
import { clusterTarget } from '../engine/step.js'
import { bootstrapTokenSecret } from '../kubernetes/config/bootstrap-token.js'
import { at, nameOf, textAt } from '../kubernetes/read.js'
import { hostPort } from '../kubernetes/service-address.js'
import { messageOf, UserError } from '../lib/errors.js'
import { Secret } from '../lib/secret.js'
import { newBootstrapToken } from '../pki/bootstrap-token.js'
import { spkiHash } from '../pki/fingerprint.js'
import { clusterInfoAuthority } from '../pki/parse-kubeconfig.js'
import { trustListOf } from '../pki/trust.js'
import { uploadCertificates } from './upload-certificates.js'

const prefix = 'bootstrap-token-'

/** A bootstrap token as it may be shown; its secret part is not read. */
export interface TokenRow {
  id: string
  /** RFC 3339, or '' for one that never expires. */
  expires: string
  usages: readonly string[]
  description: string
}

/**
 * Makes a bootstrap token and the line that joins a machine with it, by kubeadm, to this cluster.
 * With `controlPlane` the line joins a control plane: the cluster's keys are uploaded for it, for two hours.
 * @param ttlMs how long it is valid, milliseconds
 * @returns the whole `kubeadm join` command: it holds the token, and is meant to be shown once
 */
export async function createToken(
  context: Context,
  options: { ttlMs: number; description: string; controlPlane?: boolean },
): Promise<Secret> {
  const kube = await context.kube()
  const info = await kube.get({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'cluster-info', namespace: 'kube-public' },
  })
  const pins = pinsOf(textAt(info, 'data', 'kubeconfig'))
  // first what may not be possible: no token is left behind that nobody was told
  const key = options.controlPlane ? await uploadCertificates(context) : undefined
  const token = newBootstrapToken(context.random)
  await kube.createOwn(
    bootstrapTokenSecret(token, {
      expiration: new Date(context.now().getTime() + options.ttlMs),
      description: options.description,
    }),
  )
  const { host, port } = context.spec.endpoint
  const line = `kubeadm join ${hostPort(host, port)} --token ${token.id}.${token.secret.reveal()} ${pins.map((pin) => `--discovery-token-ca-cert-hash ${pin}`).join(' ')}`
  return new Secret(key ? `${line} --control-plane --certificate-key ${key.reveal()}` : line)
}

/** What joining machines know the cluster by: one for each CA, of which kubeadm takes any. Whoever may write the ConfigMap can make it anything. */
function pinsOf(kubeconfig: string): string[] {
  try {
    return trustListOf(clusterInfoAuthority(kubeconfig)).map(spkiHash)
  } catch (error) {
    throw new UserError('step', 'ConfigMap kube-public/cluster-info names no certificate authority', {
      why: messageOf(error),
      next: 'run kubestrap up, which restores it',
    })
  }
}

/** The cluster's bootstrap tokens, by id. */
export async function listTokens(context: Context): Promise<TokenRow[]> {
  const secrets = await (await context.kube()).list(
    { apiVersion: 'v1', kind: 'Secret' },
    'kube-system',
    `fieldSelector=${encodeURIComponent('type=bootstrap.kubernetes.io/token')}`,
  )
  return secrets
    .map((secret): TokenRow => {
      const field = (name: string): string => Buffer.from(textAt(secret, 'data', name), 'base64').toString()
      const data = at(secret, 'data')
      return {
        id: field('token-id'),
        expires: field('expiration'),
        usages: Object.keys(Object(data))
          .filter((name) => name.startsWith('usage-bootstrap-') && field(name) === 'true')
          .map((name) => name.slice('usage-bootstrap-'.length))
          .sort(),
        description: field('description'),
      }
    })
    .sort((a, b) => a.id.localeCompare(b.id))
}

/**
 * Takes a token back.
 * @param token its id, or the whole of it
 * Throws UserError('usage') for something that is no token, UserError('step') when there is none such.
 */
export async function deleteToken(context: Context, token: string): Promise<string> {
  const id = /^([a-z0-9]{6})(?:\.[a-z0-9]{16})?$/.exec(token)?.[1]
  if (id === undefined)
    throw new UserError('usage', 'not a token', {
      next: 'use the ID, six letters and digits; kubestrap token list shows them',
    })
  const kube = await context.kube()
  const ref = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `${prefix}${id}`, namespace: 'kube-system' },
  }
  const found = await kube.get(ref)
  if (found === undefined)
    throw new UserError('step', `the ${clusterTarget} has no token ${id}`, { next: 'kubestrap token list' })
  await kube.delete(ref)
  return nameOf(found).slice(prefix.length)
}
