import type { Step } from '../../engine/step.js'
import type { Host } from '../../host/host.js'
import { plainValue } from '../../lib/plain-value.js'
import { file } from '../../resources/file.js'
import type { Registry, RegistryServer } from '../registry.js'

type Settings = Readonly<Record<string, unknown>>

/**
 * daemon.json with what is said of registries; where nothing is, a user's own stays. The mirrors are the
 * inventory's alone as soon as it has docker.io, if only to say that there are none.
 */
export function withRegistries(before: Settings, registries: readonly Registry[]): Settings {
  const after: Record<string, unknown> = { ...before }
  const hub = registries.find(({ name }) => name === 'docker.io')
  if (hub && hub.mirrors.length > 0) after['registry-mirrors'] = hub.mirrors.map(({ url }) => `${url}/`)
  else if (hub) delete after['registry-mirrors']
  const insecure = [
    ...registries.filter(({ own }) => own.skipVerify).map(({ name }) => name),
    ...(hub?.mirrors ?? []).filter(({ skipVerify }) => skipVerify).map(hostOf),
  ]
  const known: unknown = before['insecure-registries']
  if (insecure.length > 0)
    after['insecure-registries'] = [
      ...new Set([...(Array.isArray(known) ? known.map(plainValue) : []), ...insecure]),
    ]
  return after
}

/** Certificate authorities where Docker looks for them at each pull. */
export function registrySteps(host: Host, registries: readonly Registry[]): Step[] {
  const authorities = new Map<string, string>()
  for (const { name, own, mirrors } of registries) {
    if (own.ca !== undefined) authorities.set(name, own.ca)
    for (const mirror of mirrors) if (mirror.ca !== undefined) authorities.set(hostOf(mirror), mirror.ca)
  }
  return [...authorities].map(([name, content]) =>
    file(host, { path: `/etc/docker/certs.d/${name}/ca.crt`, content, needs: [] }),
  )
}

const hostOf = ({ url }: RegistryServer): string => new URL(url).host
