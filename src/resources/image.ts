import type { Need, Step } from '../engine/step.js'
import type { Host } from '../host/host.js'
import type { HostImage, Runtime } from '../runtimes/runtime.js'
import { percent } from './binary.js'

export interface ImageWish {
  reference: string
  /** "sha256:…" of the image's configuration. */
  id: string
  /** The archive on the operator's side. */
  source: string
  /** Digest of the archive, lower-case hex SHA-256: no other is loaded. */
  sha256: string
  /** Bytes that will travel. */
  size: number
  /** The host's images; shared by the images of one host. */
  present(): Promise<readonly HostImage[]>
  needs?: readonly Need[]
}

/** A container image under this reference with exactly this id. */
export function image(host: Host, runtime: Runtime, wish: ImageWish): Step<readonly HostImage[]> {
  return {
    id: `image:${wish.reference}`,
    title: wish.reference,
    target: host.name,
    ...(wish.needs ? { needs: wish.needs } : {}),
    receives: { sha256: wish.sha256, bytes: wish.size },
    // containerd's CRI plug-in names what was imported a moment later
    settle: { withinMs: 10_000, everyMs: 200 },
    probe: wish.present,
    diff: (images) => {
      const found = images.find((other) => other.reference === wish.reference)
      if (found?.id === wish.id) return []
      return [{ kind: 'install', summary: `${found ? 'replace' : 'load'} image ${wish.reference}` }]
    },
    apply: async (_changes, { progress }) => {
      await host.pipe(
        wish.source,
        {
          what: `load image ${wish.reference}`,
          script: runtime.loadScript,
          ledger: [`image ${wish.reference}`],
        },
        {
          sha256: wish.sha256,
          size: wish.size,
          onBytes: (bytes) => progress(percent(bytes, wish.size)),
        },
      )
    },
  }
}
