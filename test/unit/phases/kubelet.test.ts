import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { criSocket } from '../../../src/cluster/context.js'
import { buildGraph } from '../../../src/engine/graph.js'
import { makePlan } from '../../../src/engine/plan.js'
import type { FileState, Host } from '../../../src/host/host.js'
import { kubeletFlags } from '../../../src/kubernetes/config/kubelet.js'
import { kubelet } from '../../../src/phases/kubelet.js'
import { quietly } from '../../support/apply-now.js'
import { contextOf, machine } from '../../support/context.js'
import { unitsAnswer } from '../../support/units-answer.js'

const flagsFile = '/var/lib/kubelet/kubeadm-flags.env'

/** A host whose files are as a living node has them, but for some; its kubelet runs, unless it is said to be otherwise. */
async function living(
  flagsWithIp: boolean,
  over: { marked?: boolean; active?: string; changed?: string; flags?: string } = {},
) {
  const files = new Map<string, string>()
  const own = machine()
  const host: Host = {
    ...own.host,
    stat: async (path): Promise<FileState> => {
      if (path.endsWith('/manifests')) return { kind: 'directory', mode: '0755', owner: 'root:root' }
      const content = files.get(path)
      if (content === undefined) return { kind: 'absent' }
      const sha256 = createHash('sha256').update(content).digest('hex')
      return {
        kind: 'file',
        mode: '0644',
        owner: 'root:root',
        size: content.length,
        sha256,
        content: Buffer.from(content),
      }
    },
    read: async (question) => ({
      kind: 'exited',
      code: 0,
      stdout: Buffer.alloc(0),
      stderr: '',
      ...unitsAnswer(question, over.active),
    }),
    write: async ({ path, content }) => void files.set(path, String(content)),
  }
  const context = contextOf([{ ...own, host }])
  const graph = buildGraph([kubelet], context)
  for (const { step } of graph.nodes)
    if (step.id.startsWith('file:')) await step.apply([], quietly(await step.probe()))
  const runtime = { id: context.runtime.id, criSocket: criSocket(context, own) }
  files.set(
    flagsFile,
    over.flags ?? kubeletFlags(context.spec, own.spec, own.release.wanted, runtime, flagsWithIp),
  )
  if (over.marked) files.set('/run/kubestrap/restart/kubelet.service', '')
  if (over.changed) files.set(over.changed, 'other')
  const plan = await makePlan(
    buildGraph([kubelet], { ...context, machines: [{ ...own, host: { ...host } }] }),
  )
  return [...plan].flatMap(([key, finding]) => (finding.kind === 'converged' ? [] : [{ key, finding }]))
}

describe("the node's address in the kubelet's flags", () => {
  test('a node born by 0.1.0, which was not told it, has nothing to change', async () => {
    expect(await living(false)).toEqual([])
  })

  test('it is told along with a restart that has another reason, and the plan says so', async () => {
    const found = await living(false, { changed: '/var/lib/kubelet/config.yaml' })
    expect(found.map(({ key }) => key)).toEqual([
      'cp1/file:/var/lib/kubelet/config.yaml',
      `cp1/file:${flagsFile}`,
    ])
    expect(JSON.stringify(found[1]?.finding)).toContain('is told with this restart')
    expect(JSON.stringify(found[1]?.finding)).toContain('--node-ip=10.88.0.15')
  })

  test.each([
    [{ marked: true }, true],
    [{ active: 'inactive' }, true],
    [{ active: 'failed' }, true],
    [{ active: 'activating' }, false],
    [{ active: 'reloading' }, false],
  ])('it is told when the kubelet is to restart, or does not run: %j, %j', async (over, told) => {
    const keys = (await living(false, over)).map(({ key }) => key)
    expect(keys).toEqual(told ? [`cp1/file:${flagsFile}`] : [])
  })

  test('any other difference of the flags is one by itself', async () => {
    const found = await living(false, { flags: 'KUBELET_KUBEADM_ARGS="--v=9"\n' })
    expect(found.map(({ key }) => key)).toEqual([`cp1/file:${flagsFile}`])
  })

  test('a node that was told has nothing to change, due or not', async () => {
    expect(await living(true, { marked: true })).toEqual([])
  })
})
