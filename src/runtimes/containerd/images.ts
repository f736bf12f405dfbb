import type { HostImage } from '../runtime.js'

/**
 * Images from the output of `ctr images ls` (columns REF, TYPE, DIGEST …). An image's id, the digest of
 * its configuration, is a name the CRI plug-in gives it besides ("sha256:…"), with the same target
 * digest; one it does not know yet has none and is left out.
 */
export function imagesOf(output: string): HostImage[] {
  const rows = output
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [reference, , digest] = line.trim().split(/\s+/)
      return reference && digest ? [{ reference, digest }] : []
    })
  const ids = new Map(
    rows.flatMap(({ reference, digest }) => (reference.startsWith('sha256:') ? [[digest, reference]] : [])),
  )
  return rows.flatMap(({ reference, digest }) => {
    const id = ids.get(digest)
    return id === undefined || reference.startsWith('sha256:') ? [] : [{ reference, id }]
  })
}
