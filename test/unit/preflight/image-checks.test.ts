import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubeVip } from '../../../src/balancers/kube-vip/kube-vip.js'
import type { BundleImage } from '../../../src/bundle/manifest.js'
import type { Context } from '../../../src/cluster/context.js'
import type { RegistrySpec } from '../../../src/inventory/spec.js'
import { UserError } from '../../../src/lib/errors.js'
import { flannel } from '../../../src/networks/flannel/flannel.js'
import { notCloser } from '../../../src/preflight/closer.js'
import { imageChecks } from '../../../src/preflight/image-checks.js'
import { lookForImages } from '../../../src/preflight/image-look.js'
import { serversFor } from '../../../src/preflight/registry-servers.js'
import { imagesOf } from '../../../src/steps/programs/images-needed.js'
import { contextOf, machine } from '../../support/context.js'

const server: Server = createServer((socket) => socket.destroy())
let open = 0
let closed = 0
const listen = (one: Server): Promise<number> =>
  new Promise((resolve) =>
    one.listen(0, '127.0.0.1', () => {
      const address = one.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    }),
  )
beforeAll(async () => {
  open = await listen(server)
  const other = createServer()
  closed = await listen(other)
  await new Promise((resolve) => other.close(resolve))
})
afterAll(() => void server.close())

type Has = 'nothing' | 'all' | 'no answer'

/** One control plane, all of whose images but `lacking` are in the bundle. */
function context(
  port: number,
  lacking: RegExp,
  has: Has,
  node = false,
  over: Partial<Context> = {},
): Context {
  const one = machine({ name: 'cp1', roles: ['control-plane'] }, { kubernetes: node })
  const base = contextOf([one], over)
  const spec = { ...base.spec, imageRepository: `127.0.0.1:${port}` }
  const whole = { ...base, spec }
  const needed = imagesOf(whole, one).map(({ reference }) => reference)
  const images = needed
    .filter((reference) => !lacking.test(reference))
    .map(
      (reference): BundleImage => ({
        reference,
        arch: 'amd64',
        needs: 'node',
        file: 'f',
        fileSha256: '',
        fileSize: 1,
        id: '',
      }),
    )
  return {
    ...whole,
    bundle: { ...base.bundle, manifest: { ...base.bundle.manifest, images } },
    runtime: {
      ...base.runtime,
      images: () =>
        has === 'no answer'
          ? Promise.reject(new UserError('connection', 'docker does not answer'))
          : Promise.resolve(has === 'all' ? needed.map((reference) => ({ reference, id: '' })) : []),
    },
  }
}

async function findings(of: Context): Promise<{ severity: string; what: string; next: string }[]> {
  const images = await lookForImages(of)
  return imageChecks.flatMap((check) => [...check.run(of, { ...notCloser, images })])
}

describe('an image that the bundle lacks', () => {
  it('stops a run when no registry can be reached, at birth and later', async () => {
    for (const node of [false, true]) {
      const found = await findings(context(closed, /coredns/, 'nothing', node))
      expect(found).toEqual([
        {
          host: 'cp1',
          severity: 'error',
          what: expect.stringMatching(
            new RegExp(
              `^127\\.0\\.0\\.1:${closed}/coredns:1\\.7\\.0 \\(dns\\.enabled\\) is not in the bundle and not on cp1, and no registry that has it can be reached \\(127\\.0\\.0\\.1:${closed}: .*[Rr]efused\\)$`,
            ),
          ),
          next: 'add it to the bundle, name another (dns.imageTag, or dns: { enabled: false }), or a mirror that has it (registries)',
        },
      ])
    }
  })

  it('is told when its registry answers, and stops nothing', async () => {
    expect(await findings(context(open, /coredns/, 'nothing'))).toMatchObject([
      { severity: 'warning', next: expect.stringMatching(/^it will be pulled/) },
    ])
  })

  it('is no matter when its node has it', async () => {
    expect(await findings(context(closed, /coredns/, 'all', true))).toEqual([])
  })

  it('stops nothing where nobody could say whether the node has it', async () => {
    expect(await findings(context(closed, /coredns/, 'no answer', true))).toMatchObject([
      { severity: 'warning', what: expect.stringContaining('the runtime did not say which images it has') },
    ])
    // before a runtime is installed there are none
    expect(await findings(context(closed, /coredns/, 'no answer'))).toMatchObject([{ severity: 'error' }])
  })

  it('names what the bundle has instead', async () => {
    const of = context(closed, /etcd/, 'nothing')
    const { manifest } = of.bundle
    const tag: BundleImage = {
      ...manifest.images[0],
      reference: `127.0.0.1:${closed}/etcd:3.4.23-0`,
    } as BundleImage
    const found = await findings({
      ...of,
      bundle: { ...of.bundle, manifest: { ...manifest, images: [...manifest.images, tag] } },
    })
    expect(found[0]?.what).toContain('is not in the bundle, which has 3.4.23-0')
    expect(found[0]?.next).toContain('(etcd.imageTag)')
  })
})

describe('without a bundle every image is pulled', () => {
  const bare = (port: number, has: Has = 'nothing') => {
    const of = context(port, /./, has)
    return {
      ...of,
      spec: { ...of.spec, verify: { ...of.spec.verify, image: `127.0.0.1:${port}/busybox:1` } },
    }
  }

  it('which is nothing to tell when the registry can be reached, or the nodes have them', async () => {
    expect(await findings(bare(open))).toEqual([])
    expect(await findings(bare(closed, 'all'))).not.toContainEqual(
      expect.objectContaining({ severity: 'warning' }),
    )
  })

  it('and stops a run when the registry cannot be reached, by image, that of the verification too', async () => {
    const found = await findings(bare(closed))
    expect(found.length).toBe(8)
    expect(found[0]).toMatchObject({
      severity: 'error',
      what: expect.stringMatching(
        /kube-apiserver:v1\.20\.2 \(Kubernetes 1\.20\.2\) must be pulled, and no registry that has it can be reached/,
      ),
      next: 'name another (kubernetes.imageRepository), or a mirror that has it (registries)',
    })
    expect(found.at(-1)?.next).toBe('name another (verify.image), or a mirror that has it (registries)')
  })
})

it('networks and balancers have their images looked for too', () => {
  const one = machine({ name: 'cp1', roles: ['control-plane'] })
  const of = contextOf([one], { network: flannel, balancer: kubeVip })
  const by = imagesOf(of, one).map(
    ({ reference, by: whom }) => `${whom}: ${reference.split('/').at(-1)?.split(':')[0]}`,
  )
  expect(by).toEqual(
    expect.arrayContaining([
      'network flannel: flannel',
      'network flannel: flannel-cni-plugin',
      'load balancer kube-vip: kube-vip',
    ]),
  )
})

describe('the servers of an image', () => {
  const registry = (name: string, mirrors: readonly string[], fallback = true): RegistrySpec => ({
    name,
    mirrors,
    fallback,
    caFile: undefined,
    skipVerify: false,
    auth: undefined,
    at: 'i.yaml:1:1',
  })
  it.each([
    ['k8s.gcr.io/pause:3.2', [], ['k8s.gcr.io:443']],
    ['busybox', [], ['registry-1.docker.io:443']],
    ['library/busybox:1', [], ['registry-1.docker.io:443']],
    ['r.lan:5000/a', [], ['r.lan:5000']],
    [
      'k8s.gcr.io/pause:3.2',
      [registry('k8s.gcr.io', ['http://m.lan', 'https://n.lan:8443/x'])],
      ['m.lan:80', 'n.lan:8443', 'k8s.gcr.io:443'],
    ],
    ['k8s.gcr.io/pause:3.2', [registry('*', ['https://m.lan'], false)], ['m.lan:443']],
    ['r.lan/pause:3.2', [registry('*', ['https://m.lan'], false), registry('r.lan', [])], ['r.lan:443']],
    [
      'k8s.gcr.io/pause:3.2',
      [registry('*', ['https://m.lan']), registry('k8s.gcr.io', ['https://[2001:db8::1]'], false)],
      ['[2001:db8::1]:443'],
    ],
  ])('%s with %j', (reference, registries, servers) => {
    expect(serversFor(reference, registries).map(({ name }) => name)).toEqual(servers)
  })
})
