import { readFile } from 'node:fs/promises'
import type { Secrets } from '../../host/secrets.js'
import { mirrorUrl } from '../../inventory/registry-problems.js'
import type { ClusterSpec, RegistrySpec } from '../../inventory/spec.js'
import { messageOf, UserError } from '../../lib/errors.js'
import type { Registry, RegistryServer } from '../../runtimes/registry.js'

/**
 * The inventory's registries with what its references lead to: certificate authorities read, passwords had.
 * What is said of a server counts wherever it is asked, by itself or as a mirror.
 * Throws UserError('inventory') for a file that is no certificate, 'connection' for a secret that cannot be had.
 */
export async function readRegistries(spec: ClusterSpec, secrets: Secrets): Promise<Registry[]> {
  const own = new Map(
    await Promise.all(
      spec.registries.map(async (registry) => [registry.name, await reach(registry, secrets)] as const),
    ),
  )
  const plain: Registry['own'] = { ca: undefined, skipVerify: false, auth: undefined }
  return spec.registries.map(({ name, mirrors, fallback }) => ({
    name,
    fallback,
    own: own.get(name) ?? plain,
    mirrors: mirrors.map(
      (url): RegistryServer => ({ ...(own.get(mirrorUrl(url)?.host ?? '') ?? plain), url: trimmed(url) }),
    ),
  }))
}

async function reach(
  { caFile, skipVerify, auth, at }: RegistrySpec,
  secrets: Secrets,
): Promise<Registry['own']> {
  return {
    ca: caFile === undefined ? undefined : await readCertificates(caFile, `caFile, ${at}`),
    skipVerify,
    auth: auth && { username: auth.username, password: await secrets.resolve(auth.password) },
  }
}

/**
 * A PEM file of certificate authorities. Throws UserError('inventory') for one that is none.
 * @param at key and place, for messages
 */
export async function readCertificates(path: string, at: string): Promise<string> {
  const cannot = (why: string): UserError =>
    new UserError('inventory', `${path} is not a CA certificate`, {
      why: `${why} (${at})`,
      next: 'name a PEM file with the CA certificate of the server',
    })
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw cannot(messageOf(error))
  })
  if (text.includes('PRIVATE KEY-----'))
    throw cannot('it contains a private key, which does not belong on nodes')
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw cannot('it contains no certificate')
  return text.endsWith('\n') ? text : `${text}\n`
}

const trimmed = (url: string): string => url.replace(/\/+$/, '')
