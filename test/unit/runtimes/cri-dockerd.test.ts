import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { withProgram } from '../../../src/bundle/with-program.js'
import { catalog, known } from '../../../src/catalog.js'
import { criSocket } from '../../../src/cluster/context.js'
import { buildGraph } from '../../../src/engine/graph.js'
import { kubeletFlags, kubeletInstanceConfig } from '../../../src/kubernetes/config/kubelet.js'
import { releaseFor } from '../../../src/kubernetes/releases/index.js'
import { dockerByCri } from '../../../src/runtimes/docker/cri-dockerd.js'
import { docker } from '../../../src/runtimes/docker/docker.js'
import { up } from '../../../src/workflows/up.js'
import { contextOf, machine, withVersion } from '../../support/context.js'
import { justBefore } from '../../support/graph.js'
import { clusterSpec, hostSpec } from '../../support/spec.js'
import { changed, good, said } from '../inventory/support.js'

describe('Docker', () => {
  test('is asked through dockershim up to 1.23, through cri-dockerd from then on', () => {
    expect(catalog.runtimeFor('docker', releaseFor('1.20'))).toBe(docker)
    expect(catalog.runtimeFor('docker', releaseFor('1.23'))).toBe(docker)
    expect(catalog.runtimeFor('docker', releaseFor('1.24'))).toBe(dockerByCri)
    expect(catalog.runtimeFor('docker', releaseFor('1.36'))).toBe(dockerByCri)
    expect(known.runtimes).toEqual(['docker', 'containerd'])
    expect(known.runtimeProblem('docker', '1.36')).toBeUndefined()
  })

  const cp1 = withVersion('1.36.2', machine())
  const base = contextOf([cp1])
  const context = {
    ...base,
    spec: { ...base.spec, version: '1.36.2', minor: '1.36' },
    runtime: dockerByCri,
  }

  test('with cri-dockerd is known to the kubelet by its socket alone', () => {
    const socket = criSocket(context, cp1)
    expect(socket).toBe('unix:///var/run/cri-dockerd.sock')
    expect(kubeletInstanceConfig(cp1.release.wanted, socket)).toBe(
      'containerRuntimeEndpoint: "unix:///var/run/cri-dockerd.sock"\n',
    )
    expect(
      kubeletFlags(clusterSpec(), hostSpec(), cp1.release.wanted, { id: 'docker', criSocket: socket }),
    ).toBe('KUBELET_KUBEADM_ARGS="--node-ip=10.88.0.15"\n')
  })

  test('gets cri-dockerd as a unit that runs before anything is asked of the runtime', async () => {
    const graph = buildGraph(up.phases, context)
    expect(justBefore(graph, 'cp1/service:cri-docker.socket')).toContain('cp1/service:docker.service')
    expect(justBefore(graph, 'cp1/service:cri-docker.service')).toEqual(
      expect.arrayContaining(['cp1/service:cri-docker.socket', 'cp1/binary:/usr/bin/cri-dockerd']),
    )
    const unit = graph.nodes.find(({ key }) => key === 'cp1/file:/etc/systemd/system/cri-docker.service')
    const diff = unit?.step.diff({ kind: 'absent' })[0]?.diff
    expect(diff).toContain(
      '+ExecStart=/usr/bin/cri-dockerd --container-runtime-endpoint fd:// --network-plugin=cni --cni-bin-dir=/opt/cni/bin --cni-conf-dir=/etc/cni/net.d --pod-infra-container-image=registry.k8s.io/pause:',
    )
    const socket = graph.nodes.find(({ key }) => key === 'cp1/file:/etc/systemd/system/cri-docker.socket')
    expect(socket?.step.diff({ kind: 'absent' })[0]?.diff).toContain('+ListenStream=/run/cri-dockerd.sock')
  })
})

describe('docker.criDockerd', () => {
  const withPath = changed('networking:', 'docker: { criDockerd: ./cri-dockerd }\nnetworking:')

  test('has nothing to do beside a dockershim', () => {
    expect(said(withPath)).toEqual([
      expect.stringContaining('cri-dockerd has no effect with runtime docker and Kubernetes 1.20'),
    ])
    expect(said(good)).toEqual([])
  })

  test('is the program itself, and wins over one in the bundle', async () => {
    const { bundle } = contextOf([machine()])
    const arches: [string, string] = process.arch === 'arm64' ? ['arm64', 'amd64'] : ['amd64', 'arm64']
    const [here, other] = arches
    const own = await withProgram(bundle, 'cri-dockerd', '/bin/true', 'i.yaml:1:1')
    const entry = own.binary('cri-dockerd', here)
    expect(entry).toMatchObject({ plain: true, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(own.path(entry)).toBe('/bin/true')
    expect(() => own.binary('kubelet', here)).toThrow('no bundle here')
    // hosts of another architecture get that of the bundle
    expect(() => own.binary('cri-dockerd', other)).toThrow('no bundle here')
  })

  test.each([
    ['an archive', 'archive.tgz', 'it is not a Linux program'],
    ['nothing', 'nowhere', 'ENOENT'],
  ])('that is %s is refused, with its place', async (_what, name, why) => {
    const directory = mkdtempSync(join(tmpdir(), 'cri-'))
    writeFileSync(join(directory, 'archive.tgz'), Buffer.from([0x1f, 0x8b, 8, 0, 0, 0]))
    const { bundle } = contextOf([machine()])
    await expect(
      withProgram(bundle, 'cri-dockerd', join(directory, name), 'i.yaml:4:1'),
    ).rejects.toMatchObject({ kind: 'inventory', why: expect.stringMatching(`${why}.*i.yaml:4:1`) })
  })
})
