import type { HostImage, Pins } from '../runtime.js'

/** What the CRI plug-in takes for a pin, from containerd 1.7.3 on; older ones keep it and do not look at it. */
const pinLabel = 'io.cri-containerd.pinned'
/** Beside it on images that kubestrap pinned. */
const ourLabel = 'io.kubestrap.pinned'

/** Labels with an empty value are taken away. */
export const pins: Pins = {
  pinScript: `for image in "$@"; do
  ctr -n k8s.io images label "$image" ${pinLabel}=pinned ${ourLabel}=pinned >/dev/null || exit 1
done`,
  unpinScript: `there=$(ctr -n k8s.io images ls -q) || exit 1
for image in "$@"; do
  printf '%s\\n' "$there" | grep -qxF -e "$image" || continue
  ctr -n k8s.io images label "$image" ${pinLabel}= ${ourLabel}= >/dev/null || exit 1
done`,
}

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
      const [reference, , digest, ...rest] = line.trim().split(/\s+/)
      const labels = (rest.at(-1) ?? '').split(',')
      return reference && digest ? [{ reference, digest, labels }] : []
    })
  const ids = new Map(
    rows.flatMap(({ reference, digest }) => (reference.startsWith('sha256:') ? [[digest, reference]] : [])),
  )
  return rows.flatMap(({ reference, digest, labels }): HostImage[] => {
    const id = ids.get(digest)
    if (id === undefined || reference.startsWith('sha256:')) return []
    if (!labels.includes(`${pinLabel}=pinned`)) return [{ reference, id }]
    return [{ reference, id, pinned: labels.includes(`${ourLabel}=pinned`) ? 'by kubestrap' : 'by others' }]
  })
}
