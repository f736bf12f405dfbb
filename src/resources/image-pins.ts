import type { Need, Step } from '../engine/step.js'
import type { Host } from '../host/host.js'
import type { HostImage, Pins } from '../runtimes/runtime.js'

interface PinWish {
  /** References of the images that the bundle brought to this host. */
  bundled: readonly string[]
  /** The host's images; shared by the images of one host. */
  present(): Promise<readonly HostImage[]>
  needs: readonly Need[]
}

/**
 * Images that came from the operator's computer stay: the kubelet removes images that no container uses when the disk is
 * full (imageGCHighThresholdPercent, 85 %), and nothing would bring these back.
 */
export function pinnedImages(host: Host, pins: Pins, wish: PinWish): Step<readonly HostImage[]> {
  return pinStep(host, wish, {
    id: 'image-pins',
    title: 'images of the bundle are kept',
    verb: 'pin',
    script: pins.pinScript,
    which: (images) =>
      wish.bundled.filter((reference) => !images.some((one) => one.reference === reference && one.pinned)),
  })
}

/** Images that kubestrap pinned and that the bundle has no more, those of a former version, are the kubelet's to remove. */
export function unpinnedImages(host: Host, pins: Pins, wish: PinWish): Step<readonly HostImage[]> {
  return pinStep(host, wish, {
    id: 'image-pins#former',
    title: 'images of former versions may go',
    verb: 'unpin',
    script: pins.unpinScript,
    which: (images) =>
      images
        .filter(({ reference, pinned }) => pinned === 'by kubestrap' && !wish.bundled.includes(reference))
        .map(({ reference }) => reference),
  })
}

interface PinWork {
  id: string
  title: string
  verb: 'pin' | 'unpin'
  script: string
  /** References of the images to do it to. */
  which(images: readonly HostImage[]): readonly string[]
}

function pinStep(
  host: Host,
  { present, needs }: PinWish,
  { id, title, verb, script, which }: PinWork,
): Step<readonly HostImage[]> {
  return {
    id,
    title,
    target: host.name,
    needs,
    probe: present,
    diff: (images) => {
      const subjects = which(images)
      if (subjects.length === 0) return []
      const count = `${subjects.length} ${subjects.length === 1 ? 'image' : 'images'}`
      return [{ kind: 'access', summary: `${verb} ${count}: ${subjects.join(', ')}`, subjects }]
    },
    apply: async (changes) => {
      await host.mutate({
        what: `${verb} images`,
        script,
        args: changes.flatMap(({ subjects = [] }) => subjects),
        timeoutMs: 60_000,
      })
    },
  }
}
