import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type Bundle, openBundle } from '../../src/bundle/bundle.js'
import { imagesOfBundle } from './bundle-images.js'
import { gateway, on } from './e2e-lab.js'
import { type Registry, startRegistry } from './registry.js'
import { type ReleaseSite, sha256, startReleaseSite } from './release-site.js'

/** A bundle whose programs and images are to be had from a site and a registry of this computer. */
export interface ServedBundle {
  real: Bundle
  site: ReleaseSite
  registry: Registry
  /** Keys of an inventory by which `bundle create` asks these two. */
  keys: string
  close(): Promise<void>
}

/** @param directory for certificates and files of the servers */
export async function serveBundle(source: string, directory: string): Promise<ServedBundle> {
  const real = await openBundle(source)
  const version = real.manifest.kubernetesVersion
  const site = await startReleaseSite(join(directory, 'site'))
  const images = await imagesOfBundle(source)
  const registry = await startRegistry(join(directory, 'registry'), '127.0.0.1', 'robot:a password', images, {
    tokens: true,
  })
  for (const name of ['kubelet', 'kubectl', 'kubeadm']) {
    const program = gunzipSync(readFileSync(real.path(real.binary(name, 'amd64'))))
    const path = `/release/v${version}/bin/linux/amd64/${name}`
    site.pages.set(path, program)
    site.pages.set(`${path}.sha256`, sha256(program))
  }
  const host = registry.url.slice('https://'.length)
  return {
    real,
    site,
    registry,
    keys: `sources: { mirrors: { kubernetes: "${site.url}" }, caCertificate: ${site.caFile} }
registries:
  "*": { mirrors: ["${registry.url}"], fallback: false }
  "${host}": { caFile: ${registry.caFile}, auth: { username: robot, password: "command:echo a password" } }
`,
    close: async () => {
      await registry.close()
      await site.close()
    },
  }
}

// CoreDNS does not start without any nameserver; this one does not answer
const cut = `rm -f /etc/resolv.conf; echo nameserver ${gateway} >/etc/resolv.conf
nft add table inet cut
nft 'add chain inet cut out { type filter hook output priority 0; }'
nft 'add chain inet cut through { type filter hook forward priority 0; }'
for chain in out through; do
  nft add rule inet cut $chain ip daddr { 127.0.0.0/8, 10.0.0.0/8, 224.0.0.0/4 } accept
  nft add rule inet cut $chain ip protocol { tcp, udp, icmp } counter drop
done`

/** Takes a lab machine's way out; what its own subnet has stays in reach. `nft list table inet cut` counts what it tried. */
export const cutOff = (machine: string): Promise<string> => on(machine, cut)
