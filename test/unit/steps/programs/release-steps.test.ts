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
import { unitsAnswer } from '../../../support/units-answer.js'

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

describe('what a living node downloads', () => {
  const own = ['archive:containerd', 'binary:/usr/local/sbin/runc', 'archive:cniPlugins']
  const read = ['edit:/etc/containerd/config.toml', 'file:/etc/systemd/system/containerd.service']
  const registry = {
    name: 'r.test',
    mirrors: [],
    fallback: true,
    own: { ca: undefined, skipVerify: true, auth: undefined },
  }
  const stepsOf = (living: boolean, runs: boolean, over: Partial<Context> = {}) => {
    const host = fakeHost('w1', {
      answer: (question) =>
        unitsAnswer(question, runs ? 'active' : 'inactive') ?? {
          stdout: Buffer.from(question.script.includes('@imports') ? '2.1.0\n@imports\n@end\n' : ''),
        },
    })
    const w1 = { ...machine({ name: 'w1', roles: ['worker'] }, { kubernetes: living }), host }
    const of = { ...context({ runtime: 'download', cniPlugins: 'download' }, [w1]), ...over }
    return packages.steps(of).filter(({ id }) => [...own, ...read].includes(id))
  }
  /** Which of them wait for the turn of the node, and which of these drain it before. */
  const turns = async (...how: Parameters<typeof stepsOf>) => {
    const waiting: string[] = []
    const drained: string[] = []
    for (const step of stepsOf(...how)) {
      const changes = step.diff(await step.probe())
      expect(changes.length, step.id).toBeGreaterThan(0)
      if (step.disrupts?.(changes) !== 'node' || step.within?.id !== 'w1/node') continue
      waiting.push(step.id)
      if (step.vacates?.(changes)) drained.push(step.id)
    }
    return { waiting: waiting.sort(), drained: drained.sort() }
  }
  const all = [...own, ...read].sort()

  it('is replaced in the turn of the node, and so is what the runtime reads when it starts', async () => {
    expect(await turns(true, true)).toEqual({ waiting: all, drained: [] })
  })

  it('is replaced after a drain where a restart of the runtime ends the Pods', async () => {
    const { runtime } = context({ runtime: 'download' })
    expect(await turns(true, true, { runtime: { ...runtime, restartEndsContainers: true } })).toEqual({
      waiting: all,
      drained: all,
    })
  })

  it('is there at once where no runtime runs, and on a machine that is no node yet', async () => {
    expect((await turns(true, false)).waiting).toEqual([])
    expect((await turns(false, true)).waiting).toEqual([])
  })

  it('waits for its turn in an upgrade in any case', async () => {
    const upgrade = {
      from: '1.19.9',
      to: '1.20.2',
      planes: [],
      untouched: new Set<string>(),
      begun: true,
      silent: false,
      kubelets: new Set(['w1']),
      drained: new Set(['w1']),
    }
    expect(await turns(true, false, { upgrade })).toEqual({ waiting: all, drained: all })
  })

  it('does not hold up what is looked up at each pull: images of this run need it', () => {
    const w1 = { ...machine({ name: 'w1', roles: ['worker'] }, { kubernetes: true }), host: fakeHost('w1') }
    const steps = packages.steps({
      ...context({ runtime: 'download' }, [w1]),
      registries: [registry],
    })
    const hosts = steps.filter(({ id }) => id.endsWith('/hosts.toml'))
    expect(hosts).toHaveLength(1)
    expect(hosts[0]?.within).toBeUndefined()
  })
})
