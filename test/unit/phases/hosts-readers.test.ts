import { describe, expect, test } from 'vitest'
import { buildGraph } from '../../../src/engine/graph.js'
import type { Host } from '../../../src/host/host.js'
import { hostsReaderMark, hostsReaders } from '../../../src/phases/hosts-readers.js'
import { up } from '../../../src/workflows/up.js'
import { unseen } from '../../support/apply-now.js'
import { contextOf, machine } from '../../support/context.js'

/** The step on a host that says these words, one after the other. */
function step(...said: string[]) {
  const own = machine()
  const scripts: string[] = []
  const host: Host = {
    ...own.host,
    read: async () => ({ kind: 'exited', code: 0, stdout: Buffer.from(said.shift() ?? ''), stderr: '' }),
    mutate: async ({ script, args }) => {
      scripts.push([script, ...(args ?? [])].join(' '))
      return { kind: 'exited', code: 0, stdout: Buffer.from(''), stderr: '' }
    },
  }
  const [node] = buildGraph([hostsReaders], contextOf([{ ...own, host }])).nodes
  if (!node) throw new Error('no step')
  const look = async (applied = false) => node.step.diff(await node.step.probe({ planning: false, applied }))
  return { look, apply: () => node.step.apply([], unseen), scripts, step: node.step }
}

describe('kube-proxy and /etc/hosts', () => {
  test('it is left alone where nothing was edited since it started', async () => {
    expect(await step('known\n').look()).toEqual([])
    expect(await step('running\n').look()).toEqual([])
  })

  test('it starts anew where the address of the endpoint changed, and is waited for', async () => {
    const { look, apply, scripts } = step('marked\nrunning\n', '', 'running\n')
    expect(await look()).toMatchObject([{ kind: 'restart' }])
    await apply()
    expect(scripts[0]).toContain(`kube-proxy /run/kubestrap/restart/${hostsReaderMark}`)
    expect(await look(true)).toMatchObject([{ kind: 'wait' }])
    expect(await look(true)).toEqual([])
  })

  test('one node after the other, when everything else is there', () => {
    const { step: one } = step()
    expect(one.disrupts?.([])).toBe('node')
    expect(up.phases.at(-1)).toBe(hostsReaders)
  })
})
