import { expect, test } from 'vitest'
import { cgroupSettings } from '../../../../src/cli/new/cgroup-settings.js'
import type { Look } from '../../../../src/inventory/new/sight.js'
import type { Role } from '../../../../src/inventory/spec.js'
import { notCloser } from '../../../../src/preflight/closer.js'
import { kernelChecks } from '../../../../src/preflight/kernel-checks.js'
import { contextOf, machine, withVersion } from '../../../support/context.js'
import { clusterSpec } from '../../../support/spec.js'
import { sight } from '../../inventory/new/support.js'

const host = (target: string, cgroup: 'v1' | 'v2' | undefined, roles: Role[] = ['worker']) => {
  const look: Look =
    cgroup === undefined
      ? { kind: 'unseen', tried: true, dialled: undefined }
      : { kind: 'seen', sight: sight({ cgroup }), dialled: target }
  return { wanted: { name: undefined, target, roles, at: `--worker ${target}` }, look }
}

const mixed = [host('10.0.0.21', 'v1'), host('10.0.0.22', 'v2'), host('10.0.0.23', undefined)]

test.each(['1.35.6', '1.36.3'])(
  'a kubelet of %s starts on cgroup v1 with a setting, which preflight is content with, too',
  (version) => {
    const { kubeletConfig, notes } = cgroupSettings(mixed, version)
    expect(kubeletConfig).toEqual({ failCgroupV1: false })
    expect(notes).toEqual([expect.stringMatching(/^cgroup v1 on 10\.0\.0\.21: .*failCgroupV1: false/)])
    const one = withVersion(version, machine({ roles: ['worker'] }, { cgroup: 'v1' }))
    const problems = (config: Record<string, unknown>) =>
      kernelChecks
        .filter(({ name }) => name === 'CgroupVersion')
        .flatMap(({ run }) =>
          run(contextOf([one], { spec: clusterSpec({ kubelet: { config, extraArgs: {} } }) }), notCloser),
        )
    expect(problems({})).toHaveLength(1)
    expect(problems(kubeletConfig)).toEqual([])
  },
)

test('needs no word where the kubelet starts anyway, and where no node has it', () => {
  const none = { kubeletConfig: {}, notes: [] }
  expect(cgroupSettings(mixed, '1.34.9')).toEqual(none)
  expect(cgroupSettings([host('10.0.0.22', 'v2'), host('10.0.0.5', 'v1', ['etcd'])], '1.36.3')).toEqual(none)
})
