import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fieldProblems } from '../../../src/inventory/config-problems.js'
import type { FieldType } from '../../../src/lib/field-type.js'
import { changed, decode, problemsOf, said } from './support.js'

const adding = (lines: string): string => changed('binaries:', `${lines}\nbinaries:`)
const recent = (text: string): string =>
  text.replace('"1.20.2"', '"1.36.2"\n').replace('binaries:', 'runtime: containerd\nbinaries:')
const kubelet = (fields: string): string => adding(`kubelet: { config: { ${fields} } }`)
const of20 = 'KubeletConfiguration of Kubernetes 1.20'

describe('a field that the component would refuse is told with its place', () => {
  it.each([
    ['maxPods: sixty', `maxPods of ${of20} cannot be "sixty" → a whole number from 0 on, without quotes`],
    ['maxPods: "60"', `maxPods of ${of20} cannot be "60" → a whole number from 0 on, without quotes`],
    ['maxPods: 1.5', `maxPods of ${of20} cannot be 1.5 → a whole number from 0 on, without quotes`],
    ['maxPods: -1', `maxPods of ${of20} cannot be -1 → a whole number from 0 on, without quotes`],
    ['failSwapOn: "no"', `failSwapOn of ${of20} cannot be "no" → true or false, without quotes`],
    ['failSwapOn: yes', `failSwapOn of ${of20} cannot be "yes" → true or false, without quotes`],
    ['syncFrequency: 60', `syncFrequency of ${of20} cannot be 60 → use a duration such as 10s or 1h30m`],
    [
      'syncFrequency: 60 s',
      `syncFrequency of ${of20} cannot be "60 s" → use a duration such as 10s or 1h30m`,
    ],
    ['clusterDNS: 10.96.0.10', `clusterDNS of ${of20} cannot be "10.96.0.10" → a list`],
    ['clusterDNS: [1]', `clusterDNS.0 of ${of20} cannot be 1 → a text, in quotes`],
    [
      'cgroupDriver: systemD',
      `cgroupDriver of ${of20} cannot be "systemD" → did you mean systemd? one of: cgroupfs, systemd`,
    ],
    ['evictionHard: [a]', `evictionHard of ${of20} cannot be a list → a mapping`],
    [
      'evictionHard: { memory.available: 200 }',
      `evictionHard.memory.available of ${of20} cannot be 200 → a quantity or a part, such as 200Mi or 5%`,
    ],
    [
      'evictionHard: { memory.availible: 5% }',
      `evictionHard of ${of20} has no memory.availible → did you mean memory.available?`,
    ],
    [
      'systemReserved: { cpu: 1 }',
      `systemReserved.cpu of ${of20} cannot be 1 → a quantity in quotes, such as 200Mi or "2"`,
    ],
    [
      'containerLogMaxSize: 10 MB',
      `containerLogMaxSize of ${of20} cannot be "10 MB" → a quantity in quotes, such as 200Mi or "2"`,
    ],
    ['maxPod: 60', `${of20} has no maxPod → did you mean maxPods?`],
    ['seccompDefault: true', `${of20} has no seccompDefault → remove it`],
    [
      'authentication: { anonymous: { enable: true } }',
      `authentication.anonymous of ${of20} has no enable → did you mean enabled?`,
    ],
    [
      'featureGates: { A: "true" }',
      `featureGates.A of ${of20} cannot be "true" → true or false, without quotes`,
    ],
    [
      'oomScoreAdj: -2000',
      `oomScoreAdj of ${of20} cannot be -2000 → a whole number from -1000 to 1000, without quotes`,
    ],
  ])('%s', (field, sentence) => {
    expect(said(kubelet(field))).toEqual([expect.stringMatching(/^i\.yaml:7:\d+: /)])
    expect(said(kubelet(field))[0]).toContain(sentence)
  })

  it('wherever it stands: defaults, groups, hosts, kube-proxy', () => {
    const text = changed(
      'hosts:\n',
      `defaults: { kubelet: { config: { maxPods: a } } }
groups: { g: { kubelet: { config: { maxPods: b } } } }
kubeProxy: { config: { mode: ipvz, conntrack: { maxPerCore: "0" } } }
hosts:\n`,
      changed('roles: [worker]', 'roles: [worker]\n    kubelet: { config: { maxPods: c } }'),
    )
    expect(
      problemsOf(text).map(({ at, what }) => [at, what.split(' of ')[0], what.split(' ').at(-1)]),
    ).toEqual([
      ['i.yaml:9:43', 'maxPods', '"a"'],
      ['i.yaml:10:46', 'maxPods', '"b"'],
      ['i.yaml:11:30', 'mode', '"ipvz"'],
      ['i.yaml:11:61', 'conntrack.maxPerCore', '"0"'],
      ['i.yaml:17:35', 'maxPods', '"c"'],
    ])
  })

  it('by the minor of the inventory', () => {
    expect(said(recent(kubelet('seccompDefault: true, failCgroupV1: false')))).toEqual([])
    expect(said(recent(adding('kubeProxy: { config: { mode: userspace } }')))[0]).toContain(
      'one of: iptables, ipvs, nftables',
    )
    expect(said(adding('kubeProxy: { config: { mode: userspace } }'))).toEqual([])
    expect(
      said(recent(kubelet('logging: { flushFrequency: 5s, options: { json: { infoBufferSize: "0" } } }'))),
    ).toEqual([])
  })
})

describe('what a component accepts stays', () => {
  it.each([
    'maxPods: 60',
    'maxPods: null',
    'evictionHard: { memory.available: 200Mi, nodefs.available: 10%, imagefs.inodesFree: "5%" }',
    'evictionSoftGracePeriod: { memory.available: 1m30s }',
    'systemReserved: { cpu: 500m, memory: 1Gi, ephemeral-storage: 1Gi }',
    'kind: KubeletConfiguration, apiVersion: kubelet.config.k8s.io/v1beta1',
    'cpuCFSQuotaPeriod: 100ms, syncFrequency: "0"',
    'cgroupDriver: ""',
    'allowedUnsafeSysctls: [net.core.somaxconn, "kernel.msg*", "net.ipv4.*", kernel/shm_rmid_forced]',
    'staticPodURLHeader: { a: [b] }',
    'featureGates: { GracefulNodeShutdown: true }',
  ])('%s', (fields) => expect(decode(kubelet(fields)).hosts).toHaveLength(2))
})

it('any value of any type is answered, never thrown at, and what is right has no problem', () => {
  const { type } = fc.letrec<{ type: FieldType }>((tie) => ({
    type: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<FieldType>(
        'bool',
        'number',
        'string',
        'duration',
        'quantity',
        'threshold',
        'any',
        { int: [0, 9] },
        { oneOf: ['a'] },
      ),
      tie('type').map((list): FieldType => ({ list })),
      tie('type').map((map): FieldType => ({ map })),
      tie('type').map((a): FieldType => ({ fields: { a } })),
    ),
  }))
  const right = (of: FieldType): unknown => {
    if (typeof of === 'string')
      return {
        bool: true,
        number: 1.5,
        string: '',
        duration: '1h0.5s',
        quantity: '1.5Gi',
        sysctl: 'net.ipv4.*',
        threshold: '5%',
        any: [1],
      }[of]
    if ('int' in of) return 9
    if ('oneOf' in of) return 'a'
    if ('list' in of) return [right(of.list), right(of.list)]
    if ('map' in of) return { toString: right(of.map) }
    return 'fields' in of ? { a: right(of.fields.a ?? 'any') } : null
  }
  fc.assert(
    fc.property(type, fc.jsonValue(), (of, value) => {
      for (const { what, write } of fieldProblems(value, of, ['config'], 'x'))
        expect(what && write).toBeTruthy()
      expect(fieldProblems(right(of), of, ['config'], 'x')).toEqual([])
    }),
  )
})
