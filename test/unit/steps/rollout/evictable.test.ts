import { describe, expect, it } from 'vitest'
import { evictable } from '../../../../src/steps/rollout/evictable.js'

const pod = (
  name: string,
  over: { owner?: string; phase?: string; mirror?: true; emptyDir?: true } = {},
) => ({
  metadata: {
    name,
    namespace: 'default',
    uid: `uid of ${name}`,
    ...(over.owner ? { ownerReferences: [{ kind: over.owner, controller: true }] } : {}),
    ...(over.mirror ? { annotations: { 'kubernetes.io/config.mirror': '1' } } : {}),
  },
  spec: { volumes: over.emptyDir ? [{ name: 'v', emptyDir: {} }] : [{ name: 'v', secret: {} }] },
  status: { phase: over.phase ?? 'Running' },
})

const gentle = { deleteEmptyDirData: true, force: false }
const names = (pods: readonly ReturnType<typeof pod>[], how = gentle): string[] =>
  evictable(pods, how).leaving.map(({ name }) => name)

describe('what leaves a node that is drained', () => {
  it('is what a controller recreates elsewhere, and what has ended', () => {
    expect(
      names([
        pod('web', { owner: 'ReplicaSet' }),
        pod('agent', { owner: 'DaemonSet' }),
        pod('etcd-cp1', { mirror: true, owner: 'Node' }),
        pod('done', { phase: 'Succeeded' }),
        pod('broke', { phase: 'Failed', owner: 'Job' }),
      ]),
    ).toEqual(['web', 'done', 'broke'])
  })

  it('is refused where it would be lost, by name', () => {
    expect(evictable([pod('bare'), pod('web', { owner: 'ReplicaSet' })], gentle).refused).toEqual([
      'Pod default/bare has no controller that recreates it',
    ])
    expect(
      evictable([pod('cache', { owner: 'ReplicaSet', emptyDir: true })], {
        ...gentle,
        deleteEmptyDirData: false,
      }).refused,
    ).toEqual(['Pod default/cache has data in an emptyDir volume'])
  })

  it('is taken where the loss is allowed', () => {
    const all = [pod('bare'), pod('cache', { owner: 'ReplicaSet', emptyDir: true })]
    expect(evictable(all, { deleteEmptyDirData: true, force: true })).toMatchObject({
      refused: [],
      leaving: [{ name: 'bare', uid: 'uid of bare' }, { name: 'cache' }],
    })
  })
})
