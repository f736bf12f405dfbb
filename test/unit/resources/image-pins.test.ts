import { expect, test } from 'vitest'
import { pinnedImages, unpinnedImages } from '../../../src/resources/image-pins.js'
import type { HostImage } from '../../../src/runtimes/runtime.js'
import { unseen } from '../../support/apply-now.js'
import { fakeHost } from '../../support/fake-host.js'

const pins = { pinScript: 'pin', unpinScript: 'unpin' }
const images: HostImage[] = [
  { reference: 'new:2', id: 'sha256:2' },
  { reference: 'kept:1', id: 'sha256:3', pinned: 'by kubestrap' },
  { reference: 'pause:1', id: 'sha256:4', pinned: 'by others' },
  { reference: 'old:1', id: 'sha256:1', pinned: 'by kubestrap' },
  { reference: 'app:1', id: 'sha256:5', pinned: 'by others' },
]
const wish = {
  bundled: ['new:2', 'kept:1', 'pause:1', 'to-come:1'],
  present: async () => images,
  needs: [],
}

test.each([
  [pinnedImages, 'pin 2 images: new:2, to-come:1', 'pin', ['new:2', 'to-come:1']],
  [unpinnedImages, 'unpin 1 image: old:1', 'unpin', ['old:1']],
])('%o: %s; pins of others are left alone', async (of, summary, script, args) => {
  const told: unknown[] = []
  const host = fakeHost('w1', {
    onMutate: (command) => {
      told.push([command.script, command.args])
      return undefined
    },
  })
  const step = of(host, pins, wish)
  const changes = step.diff(images)
  expect(changes.map((change) => change.summary)).toEqual([summary])
  await step.apply(changes, unseen)
  expect(told).toEqual([[script, args]])
})

test('nothing is to be done where the images of the bundle are pinned, and no others by kubestrap', () => {
  const host = fakeHost('w1', {})
  const done = images.filter(({ reference }) => ['kept:1', 'pause:1', 'app:1'].includes(reference))
  const now = { ...wish, bundled: ['kept:1', 'pause:1'] }
  expect(pinnedImages(host, pins, now).diff(done)).toEqual([])
  expect(unpinnedImages(host, pins, now).diff(done)).toEqual([])
})
