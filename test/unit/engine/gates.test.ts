import { expect, it } from 'vitest'
import { Gates, type Pass } from '../../../src/engine/gates.js'

/** Gates, and who has been let through so far. */
function watched() {
  const gates = new Gates()
  const through: string[] = []
  const ask = (name: string, ...[kinds, place]: Parameters<Gates['take']>): Promise<Pass> =>
    gates.take(kinds, place).then((pass) => {
      through.push(name)
      return pass
    })
  return { gates, through, ask }
}
const settled = () => new Promise((resolve) => setImmediate(resolve))

it('one that waits for several gates is not overtaken by one that needs fewer', async () => {
  const { through, ask } = watched()
  const member = await ask('member', ['etcd'], 0)
  const plane = ask('plane', ['etcd', 'node'], 1)
  const worker = ask('worker', ['node'], 2)
  await settled()
  expect(through).toEqual(['member'])
  member.leave()
  const pass = await plane
  await settled()
  expect(through).toEqual(['member', 'plane'])
  pass.leave()
  await worker
})

it('who needs none of what it waits for goes on', async () => {
  const { through, ask } = watched()
  await ask('member', ['etcd'], 0)
  void ask('plane', ['etcd', 'node'], 1)
  await ask('balancer', ['balancer'], 2)
  expect(through).toEqual(['member', 'balancer'])
})

it('what is expected keeps later ones out, but not the one for which an earlier one gave its turn back', async () => {
  const { gates, through, ask } = watched()
  const first = await ask('first', ['node'], 0)
  gates.expect(['node'], 1)
  const unavailable = ask('unavailable', ['node'], 2)
  const goesOn = gates.yields(0)
  first.leave()
  const pass = await unavailable
  goesOn()
  pass.leave()
  void ask('later', ['node'], 3)
  await settled()
  expect(through).toEqual(['first', 'unavailable'])
})
