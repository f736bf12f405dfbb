import { registryFor } from '../inventory/registry-for.js'
import { mirrorUrl } from '../inventory/registry-problems.js'
import type { RegistrySpec } from '../inventory/spec.js'

/** A server that images come from. */
export interface RegistryServer {
  /** "registry.k8s.io:443" */
  name: string
  host: string
  port: number
}

/** Who is asked for an image: the mirrors of its registry, then the registry itself, unless that is not to be asked. */
export function serversFor(reference: string, registries: readonly RegistrySpec[]): RegistryServer[] {
  const registry = registryOf(reference)
  const told = registryFor(registry, registries)
  const mirrors = (told?.mirrors ?? []).flatMap((text) => {
    const url = mirrorUrl(text)
    return url ? [serverOf(url)] : []
  })
  // Docker Hub's images are named by one name and served at another
  const own = new URL(`https://${registry === 'docker.io' ? 'registry-1.docker.io' : registry}`)
  return [...mirrors, ...(told?.fallback === false ? [] : [serverOf(own)])]
}

function serverOf({ protocol, hostname, port }: URL): RegistryServer {
  const number = Number(port) || (protocol === 'http:' ? 80 : 443)
  return { name: `${hostname}:${number}`, host: hostname.replace(/^\[|\]$/g, ''), port: number }
}

/** What stands before the first slash when it looks like a host, else Docker Hub (distribution/reference). */
function registryOf(reference: string): string {
  const [first = '', ...rest] = reference.split('/')
  return rest.length > 0 && (/[.:]/.test(first) || first === 'localhost') ? first : 'docker.io'
}
