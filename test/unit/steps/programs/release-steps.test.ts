import { describe, expect, it } from 'vitest'
import { catalog } from '../../../../src/catalog.js'
import type { Context } from '../../../../src/cluster/context.js'
import { runtimeSettings } from '../../../../src/cluster/context.js'
import { buildGraph } from '../../../../src/engine/graph.js'
import { releaseFor, releases } from '../../../../src/kubernetes/releases/index.js'
import { releaseVersion } from '../../../../src/lib/grammar/url.js'
import { packages } from '../../../../src/phases/packages.js'
import { notCloser } from '../../../../src/preflight/closer.js'
import { closerChecks } from '../../../../src/preflight/closer-checks.js'
import { projectsFetched, releasedPaths } from '../../../../src/steps/programs/release-steps.js'
import { up } from '../../../../src/workflows/up.js'
import { unseen } from '../../../support/apply-now.js'
import { contextOf, machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'
import { justBefore } from '../../../support/graph.js'

const file = { url: 'https://g.test/x', sha256: 'a'.repeat(64), way: { ca: undefined } }
const files = new Map([['amd64', file]])
/** Of each version that a release has. */
const every = new Map(releases.flatMap(({ programs }) => Object.values(programs)).map((one) => [one, files]))
const node = machine({ name: 'w1', roles: ['worker'] }, { lacksForDownloads: ['curl'] })

function context(sources: Partial<Context['spec']['sources']>, machines = [machine(), node]): Context {
  const base = contextOf(machines)
  const spec = { ...base.spec, runtime: 'containerd', sources: { ...base.spec.sources, ...sources } }
  return {
    ...base,
    spec,
    runtime: catalog.runtimeFor('containerd', releaseFor('1.30'), sources.runtime === 'download'),
    projectReleases: { containerd: every, runc: every, cniPlugins: every },
  }
}
const installed = (of: Context): string[] =>
  packages
    .steps(of)
    .filter(({ id, target }) => target === 'w1' && id === 'packages:node')
    .flatMap((step) => step.diff([]).map(({ summary }) => summary))
const ids = (of: Context): string[] =>
  buildGraph(up.phases, of)
    .nodes.filter(({ step }) => step.target === 'w1')
    .map(({ step }) => step.id)

describe('a runtime that is downloaded', () => {
  const of = context({ runtime: 'download' })

  it('is containerd and runc of their releases, with a unit, and no package', () => {
    expect(projectsFetched(of)).toEqual(['containerd', 'runc'])
    expect(ids(of)).toEqual(
      expect.arrayContaining([
        'archive:containerd',
        'binary:/usr/local/sbin/runc',
        'file:/etc/systemd/system/containerd.service',
      ]),
    )
    expect(installed(of)[0]).not.toMatch(/containerd,|runc/)
    expect(installed(of)[0]).toContain('curl')
  })

  it('is there before its service starts', () => {
    const graph = buildGraph(up.phases, of)
    expect(justBefore(graph, 'w1/service:containerd.service')).toEqual(
      expect.arrayContaining(['w1/archive:containerd', 'w1/binary:/usr/local/sbin/runc']),
    )
    expect(justBefore(graph, 'w1/archive:containerd')).toContain('w1/packages:node')
  })

  it('has its version known before it is installed', () => {
    expect(runtimeSettings(of, node).version).toBe(node.release.wanted.programs.containerd)
    const chosen = context({ runtime: 'download', versions: { containerd: '2.9.9' } })
    expect(runtimeSettings(chosen, node).version).toBe('2.9.9')
    expect(runtimeSettings(context({}), node).version).toBeUndefined()
  })

  it('is no foreign runtime to the next run', () => {
    const check = closerChecks.find(({ name }) => name === 'ContainerRuntime')
    const found = releasedPaths(of)
      .filter((path) => path.endsWith('/containerd'))
      .map((path) => ({ name: 'containerd', path, owner: '', running: true }))
    expect(found.length).toBe(1)
    const told = (one: Context) =>
      check?.run(one, {
        ...notCloser,
        presence: new Map([
          ['w1', { runtimes: found, swappers: [] }],
        ]) as unknown as typeof notCloser.presence,
      })
    expect(told(of)).toEqual([])
    expect(told(context({}))).toMatchObject([{ severity: 'error' }])
  })
})

it('CNI plug-ins that are downloaded are where runtimes look, without links to packages', () => {
  const of = context({ cniPlugins: 'download' })
  expect(projectsFetched(of)).toEqual(['cniPlugins'])
  expect(ids(of)).toContain('archive:cniPlugins')
  expect(ids(of).filter((id) => id.startsWith('link:/opt/cni'))).toEqual([])
  expect(installed(of)[0]).not.toContain('containernetworking-plugins')
  expect(ids(context({})).filter((id) => id.startsWith('link:/opt/cni')).length).toBeGreaterThan(0)
})

it('every minor has versions of what is downloaded beside it', () => {
  for (const { programs } of releases)
    for (const version of Object.values(programs)) expect(releaseVersion.accepts(version)).toBe(true)
})

it('the directory that a downloaded containerd fills is noted before it starts', async () => {
  const notes: string[] = []
  const host = fakeHost('w1', { onMutate: ({ ledger = [] }) => void notes.push(...ledger) })
  const steps = packages.steps(context({ runtime: 'download' }, [{ ...node, host }]))
  await steps.find(({ id }) => id === 'archive:containerd')?.apply([], unseen)
  expect(notes).toEqual(['tree /var/lib/containerd'])
})
