import { expect, test } from 'vitest'
import type { HostImage } from '../../../../src/runtimes/runtime.js'
import { imageThere } from '../../../../src/steps/static-pods/image-there.js'
import { contextOf, machine } from '../../../support/context.js'

const cp1 = machine({ name: 'cp1' })
const reference = 'k8s.gcr.io/kube-scheduler:v1.20.2'

const looked = (bundled: readonly string[], present: readonly HostImage[]): Promise<void> => {
  const context = contextOf([cp1])
  return imageThere(
    {
      ...context,
      bundle: {
        ...context.bundle,
        imagesFor: (needs) =>
          needs === 'control-plane'
            ? bundled.map((one) => ({ reference: one, id: 'sha256:1' }) as never)
            : [],
      },
      runtime: { ...context.runtime, images: async () => present },
    },
    cp1,
    'kube-scheduler',
  )
}

test('the image that the bundle brought is there, with its own id', async () => {
  await looked([reference], [{ reference, id: 'sha256:1' }])
  const error = {
    message: `kube-scheduler is not changed: ${reference} is no longer on cp1`,
    host: 'cp1',
    next: expect.stringContaining('free disk space on cp1'),
  }
  await expect(looked([reference], [{ reference, id: 'sha256:other' }])).rejects.toMatchObject(error)
  await expect(looked([reference], [])).rejects.toMatchObject(error)
})

test('one of a registry is the kubelet’s to pull', async () => {
  await looked(['k8s.gcr.io/kube-apiserver:v1.20.2'], [])
})
