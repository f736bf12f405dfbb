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
export function pinnedImages(
  host: Host,
  pins: Pins,
  { bundled, present, needs }: PinWish,
): Step<readonly HostImage[]> {
  const loose = (images: readonly HostImage[]): string[] =>
    bundled.filter((reference) => !images.some((one) => one.reference === reference && one.pinned))
  return {
    id: 'image-pins',
    title: 'images of the bundle are kept',
    target: host.name,
    needs,
    probe: present,
    diff: (images) => pinChanges('pin', loose(images)),
    apply: async (changes) => {
      await host.mutate({
        what: 'pin images',
        script: pins.pinScript,
        args: changes.flatMap(({ subjects = [] }) => subjects),
        timeoutMs: 60_000,
      })
    },
  }
}

/** Images that kubestrap pinned and that the bundle has no more, those of a former version, are the kubelet's to remove. */
export function unpinnedImages(
  host: Host,
  pins: Pins,
  { bundled, present, needs }: PinWish,
): Step<readonly HostImage[]> {
  return {
    id: 'image-pins#former',
    title: 'images of former versions may go',
    target: host.name,
    needs,
    probe: present,
    diff: (images) =>
      pinChanges(
        'unpin',
        images
          .filter(({ reference, pinned }) => pinned === 'by kubestrap' && !bundled.includes(reference))
          .map(({ reference }) => reference),
      ),
    apply: async (changes) => {
      await host.mutate({
        what: 'unpin images',
        script: pins.unpinScript,
        args: changes.flatMap(({ subjects = [] }) => subjects),
        timeoutMs: 60_000,
      })
    },
  }
}

const pinChanges = (verb: 'pin' | 'unpin', references: readonly string[]) =>
  references.length === 0
    ? []
    : [
        {
          kind: 'access' as const,
          summary: `${verb} ${references.length} ${references.length === 1 ? 'image' : 'images'}: ${references.join(', ')}`,
          subjects: references,
        },
      ]
