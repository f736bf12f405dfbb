import type { ImageServer } from '../../bundle/registry/server.js'
import { registryFor } from '../../inventory/registry-for.js'
import type { Registry, RegistryServer } from '../../runtimes/registry.js'

/**
 * Who is asked for images of a registry, as runtimes are told: its mirrors in order, then the registry itself, unless that
 * is not to be asked.
 */
export function imageServers(registry: string, registries: readonly Registry[]): ImageServer[] {
  const told = registryFor(registry, registries)
  const own = registries.find(({ name }) => name === registry)?.own
  const mirrors = (told?.mirrors ?? []).map((mirror) => ({ ...serverOf(mirror), mirrorOf: registry }))
  // Docker Hub's images are named by one name and served at another
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry
  return told?.fallback === false
    ? mirrors
    : [
        ...mirrors,
        serverOf({ ca: undefined, skipVerify: false, auth: undefined, ...own, url: `https://${host}` }),
      ]
}

/** A path below /v2 is whole (Harbor's proxies); /v2 is put behind any other. */
function serverOf({ url, ca, skipVerify, auth }: RegistryServer): ImageServer {
  const whole = /^\/v2(\/|$)/.test(new URL(url).pathname)
  return { base: `${url.replace(/\/+$/, '')}${whole ? '' : '/v2'}`, ca, skipVerify, auth }
}
