import type { ClusterSpec } from '../../inventory/spec.js'
import { releases } from '../../kubernetes/releases/index.js'
import { newestPatches } from '../../sources/newest-patches.js'
import { type Supply, supplyOfSite } from '../../upgrade/supply.js'
import { readAuthority } from '../../workflows/session/materials.js'
import { basesOf } from '../../workflows/session/programs.js'

/** How long a site may take to say which patch releases are there. */
const patienceMs = 5_000

/**
 * Where programs are downloaded, the site is asked which patch releases are the newest: some may be newer than this kubestrap.
 * Throws UserError('inventory') for a sources.caCertificate that cannot be read.
 * @returns the supply as it was given where nobody is to be asked or none answers, and why not all was told
 */
export async function askSite(
  spec: ClusterSpec,
  supply: Supply,
): Promise<{ supply: Supply; silent: string | undefined }> {
  if (supply.from !== 'download') return { supply, silent: undefined }
  const { patches, silent } = await newestPatches(
    basesOf(spec),
    releases.map(({ minor }) => minor),
    { ca: await readAuthority(spec), deadlineMs: patienceMs },
  )
  return { supply: supplyOfSite(supply, patches), silent }
}
