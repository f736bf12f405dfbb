import { describe, expect, it } from 'vitest'
import { chosenHosts } from '../../../../src/cli/rollout/hosts.js'
import { resumedWords } from '../../../../src/cli/rollout/run.js'
import { clusterSpec, hostSpec } from '../../../support/spec.js'

const spec = clusterSpec({
  hosts: [
    hostSpec({ name: 'lb1', address: '10.88.0.1', roles: ['load-balancer'] }),
    hostSpec({ name: 'cp1', address: '10.88.0.2', roles: ['control-plane'] }),
    hostSpec({ name: 'w1', address: '10.88.0.3', roles: ['worker'] }),
    hostSpec({ name: 'w2', address: '10.88.0.4', roles: ['worker'], state: 'down' }),
  ],
})
const chosen = (values: Record<string, unknown>, nodesOnly = false) => chosenHosts(spec, values, nodesOnly)

describe('the hosts of a rollout', () => {
  it('are those that are named, by name, glob, group or role, in the inventory’s order', () => {
    expect(chosen({ hosts: ['w1', 'cp1'] })).toEqual(['cp1', 'w1'])
    expect(chosen({ hosts: ['l*'] })).toEqual(['lb1'])
    expect(chosen({ role: ['worker'] })).toEqual(['w1'])
  })

  it('are all with --all: every host, or every node, but those that are down', () => {
    expect(chosen({ all: true })).toEqual(['lb1', 'cp1', 'w1'])
    expect(chosen({ all: true }, true)).toEqual(['cp1', 'w1'])
  })

  it.each([
    [{}, false, 'no host is named'],
    [{ all: true, hosts: ['w1'] }, false, '--all is every host already'],
    [{ hosts: ['w2'] }, false, 'w2 has state: down in the inventory'],
    [{ hosts: ['lb1'] }, true, 'lb1 is not a node: nothing of it is restarted'],
    [{ role: ['load-balancer'] }, true, 'none of these hosts is a node that is up'],
    [{ hosts: ['x'] }, false, 'matches "x"'],
  ])('%j (nodes only: %s): %s', (values, nodesOnly, message) => {
    expect(() => chosen(values, nodesOnly)).toThrow(message)
  })

  it('are not the computer that kubestrap runs on, where they reboot', () => {
    const here = clusterSpec({ hosts: [hostSpec({ name: 'cp1', connection: 'local' })] })
    expect(() => chosenHosts(here, { all: true })).toThrow('cp1 is the computer that kubestrap runs on')
    expect(chosenHosts(here, { all: true }, true)).toEqual(['cp1'])
  })
})

describe('a rollout that is continued', () => {
  it('says when it was begun and what is done', () => {
    const now = new Date('2026-11-29T20:10:00Z')
    const begun = '2026-11-29T20:00:00Z'
    expect(resumedWords(begun, ['w1/boot'], now)).toBe(
      'continuing the same rollout, begun 10m ago; already done: w1/boot (--again does it again)',
    )
    expect(resumedWords(begun, [], now)).toContain('nothing of it is done yet')
  })
})
