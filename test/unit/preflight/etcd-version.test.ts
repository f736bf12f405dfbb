import { expect, test } from 'vitest'
import { etcdVersionRefusals } from '../../../src/preflight/etcd-version.js'
import { contextOf, machine } from '../../support/context.js'

// Kubernetes 1.20.2 brings etcd 3.4.13-0
const refused = (is: string, imageTag?: string) => {
  const context = contextOf([machine()])
  const spec = { ...context.spec, etcd: { ...context.spec.etcd, ...(imageTag ? { imageTag } : {}) } }
  return etcdVersionRefusals(
    { ...context, spec },
    new Map([
      ['cp1', is],
      ['cp2', is],
    ]),
  )
}

test('etcd goes to another patch release, and to the next minor', () => {
  for (const is of ['3.4.13-0', '3.4.3-0', '3.4.23-0', '3.3.27-0']) expect(refused(is)).toEqual([])
  expect(refused('3.5.21-0', '3.6.5-0')).toEqual([])
})

test('not to an older minor, and not over one', () => {
  expect(refused('3.5.9-0')).toMatchObject([
    {
      field: 'etcd.imageTag',
      is: '3.5.9-0',
      wanted: '3.4.13-0',
      way: expect.stringContaining('newer minor'),
    },
  ])
  expect(refused('3.4.13-0', '3.6.5-0')).toMatchObject([
    { is: '3.4.13-0', wanted: '3.6.5-0', way: expect.stringContaining('one minor at a time') },
  ])
})

test('a tag that names no version is not judged', () => {
  expect(refused('sha-of-mine', 'mine')).toEqual([])
})
