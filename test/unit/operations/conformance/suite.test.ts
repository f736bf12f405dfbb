import { describe, expect, it } from 'vitest'
import { releaseFor } from '../../../../src/kubernetes/releases/index.js'
import { UserError } from '../../../../src/lib/errors.js'
import { runOf } from '../../../../src/operations/conformance/leftovers.js'
import { further, progressText, readProgress } from '../../../../src/operations/conformance/progress.js'
import { reportName } from '../../../../src/operations/conformance/report-directory.js'
import { selectionOf } from '../../../../src/operations/conformance/selection.js'
import { listArguments, suiteArguments } from '../../../../src/operations/conformance/suite-arguments.js'
import { refuseOtherMinor, suiteVersion } from '../../../../src/operations/conformance/suite-version.js'
import { testImageList } from '../../../../src/operations/conformance/test-images.js'

const run = {
  ...selectionOf('full', { focus: '', skip: '' }),
  kubeconfig: '/run/k/kubeconfig',
  reportDir: '/home/me/report',
  dnsDomain: 'cluster.local',
  kubectl: '/usr/bin/kubectl',
  taints: ['node-role.kubernetes.io/control-plane', 'dedicated'],
  progressUrl: 'http://127.0.0.1:1/x',
  timeoutMs: 90_500,
}

describe('arguments of e2e.test', () => {
  it('of ginkgo 2', () => {
    expect(suiteArguments(run, releaseFor('1.36.3'))).toEqual([
      '--ginkgo.focus=\\[Conformance\\]',
      '--ginkgo.no-color',
      '--ginkgo.timeout=91s',
      '--provider=skeleton',
      '--kubeconfig=/run/k/kubeconfig',
      '--report-dir=/home/me/report',
      '--e2e-output-dir=/home/me/report',
      '--disable-log-dump',
      '--dns-domain=cluster.local',
      '--progress-report-url=http://127.0.0.1:1/x',
      '--kubectl-path=/usr/bin/kubectl',
      '--non-blocking-taints=node-role.kubernetes.io/control-plane,dedicated',
    ])
  })

  it('of ginkgo 1, which Kubernetes up to 1.24 has', () => {
    const args = suiteArguments({ ...run, skip: 'Slow', kubectl: '', taints: [] }, releaseFor('1.24.17'))
    expect(args.slice(0, 4)).toEqual([
      '--ginkgo.focus=\\[Conformance\\]',
      '--ginkgo.skip=Slow',
      '--ginkgo.noColor',
      '--provider=skeleton',
    ])
    expect(args.join(' ')).not.toMatch(/timeout|kubectl-path|taints/)
    expect(releaseFor('1.25.16').suite.ginkgo).toBe(2)
  })

  it('that only list name no cluster', () => {
    const selection = selectionOf('quick', { focus: '', skip: '' })
    expect(listArguments(selection, '/r', releaseFor('1.36.3'))).toContain('--ginkgo.dry-run')
    expect(listArguments(selection, '/r', releaseFor('1.20.2'))).toContain('--ginkgo.dryRun')
    expect(listArguments(selection, '/r', releaseFor('1.36.3')).join(' ')).not.toContain('kubeconfig')
  })
})

describe('what is selected', () => {
  // names of 1.20, 1.36 and another spec of 1.20 that ends alike
  it.each([
    ['[k8s.io] Pods should be submitted and removed [NodeConformance] [Conformance]', true],
    ['[sig-node] Pods should be submitted and removed [NodeConformance] [Conformance]', true],
    [
      '[k8s.io] [sig-node] Pods Extended [k8s.io] Delete Grace Period should be submitted and removed [Conformance]',
      false,
    ],
    ['[sig-node] Pods should be submitted and removed', false],
  ])('quick: %s: %s', (name, selected) => {
    expect(new RegExp(selectionOf('quick', { focus: '', skip: '' }).focus).test(name)).toBe(selected)
  })

  it('is what the operator says instead', () => {
    expect(selectionOf('full', { focus: 'DNS', skip: 'Slow' })).toEqual({ focus: 'DNS', skip: 'Slow' })
  })
})

describe('the version of a suite', () => {
  it.each(['v1.36.3', 'v1.37.0-rc.0', 'v1.36.3-dirty', 'v1.36.3+k3s1'])('is %s', (version) => {
    expect(suiteVersion('e2e.test', `I1129 some words\n${version}\n`)).toBe(version)
  })

  it.each(['', 'flag provided but not defined: -version\nUsage:', '1.36.3', 'v1.36', 'v1.36.3 \x1b[2J'])(
    'is not %j',
    (output) => {
      expect(() => suiteVersion('/x/e2e.test', output)).toThrow('/x/e2e.test does not report a version')
    },
  )

  it('fits a cluster of the same minor, whatever the patch', () => {
    refuseOtherMinor('e2e.test', 'v1.36.3', 'v1.36.0', '')
    refuseOtherMinor('e2e.test', 'v1.36.3-dirty', 'v1.36.7+x', '')
  })

  it.each([
    ['v1.36.3', 'v1.35.3'],
    ['v1.3.6', 'v1.36.3'],
    ['v1.36.3', 'v2.36.3'],
    ['', ''],
  ])('%s does not fit %s', (suite, cluster) => {
    const refused = (): void => refuseOtherMinor('/x/e2e.test', suite, cluster, 'take the other')
    expect(refused).toThrow(UserError)
    expect(refused).toThrow('/x/e2e.test is of another minor')
  })
})

it('the list of registries replaces those of Kubernetes, below the same paths, and no other', () => {
  expect(
    testImageList('registry.example.com:5000/k8s'),
  ).toBe(`buildImageRegistry: registry.example.com:5000/k8s/build-image
cloudProviderGcpRegistry: registry.example.com:5000/k8s/cloud-provider-gcp
e2eRegistry: registry.example.com:5000/k8s/e2e-test-images
gcEtcdRegistry: registry.example.com:5000/k8s
gcRegistry: registry.example.com:5000/k8s
promoterE2eRegistry: registry.example.com:5000/k8s/e2e-test-images
sigStorageRegistry: registry.example.com:5000/k8s/sig-storage
`)
})

describe('progress', () => {
  // messages as test/e2e/reporters/progress.go documents them
  const message = (over: object): string =>
    JSON.stringify({ msg: 'PASSED [sig-node] a', total: 5, completed: 1, skipped: 7, failed: 1, ...over })

  it('is read from what the suite posts', () => {
    const read = readProgress(message({}))
    expect(read).toEqual({ total: 5, passed: 1, failed: 1, last: 'PASSED [sig-node] a' })
    if (read) expect(progressText(read)).toBe('2 of 5 specs ended, 1 failed')
    expect(readProgress(message({ msg: 'a\nb'.padEnd(5_000) }))?.last).toHaveLength(300)
  })

  it.each([
    '',
    '{',
    'null',
    '[]',
    '"x"',
    message({ total: -1 }),
    message({ failed: '1' }),
    message({ completed: 1e300 }),
  ])('is not read from %s', (body) => {
    expect(readProgress(body)).toBeUndefined()
  })

  it('never goes back', () => {
    const at = (passed: number, total = 5) => ({ total, passed, failed: 0, last: '' })
    expect(further(undefined, at(1))).toEqual(at(1))
    expect(further(at(2), at(1))).toEqual(at(2))
    expect(further(at(1), at(2, 0))).toEqual(at(2))
  })
})

it.each([
  // lines of 1.20 and 1.36
  'I0416 20:29:18.892058 3669683 e2e.go:129] Starting e2e run "ae1b58af-9e9e-4745-b1f4-27d763451f8e" on Ginkgo node 1',
  '  I1009 19:57:36.676316    5600 e2e.go:109] Starting e2e run "ae1b58af-9e9e-4745-b1f4-27d763451f8e" on Ginkgo node 1',
])('the run is told by %s', (line) => {
  expect(runOf(line)).toBe('ae1b58af-9e9e-4745-b1f4-27d763451f8e')
})

it('the run is told by nothing else', () => {
  expect(runOf('] Starting e2e run "x,y=z" on Ginkgo node 1')).toBeUndefined()
})

it('a report lies in a directory that is named after cluster and time', () => {
  const at = new Date('2026-11-29T01:32:03.456Z')
  expect(reportName('prod', at)).toBe('kubestrap-conformance-prod-20261129T013203Z')
  expect(reportName('../a b', at)).toBe('kubestrap-conformance-..-a-b-20261129T013203Z')
})
