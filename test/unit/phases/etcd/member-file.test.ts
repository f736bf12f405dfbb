import { describe, expect, test } from 'vitest'
import { memberFile } from '../../../../src/phases/etcd/member-file.js'
import { file } from '../../../../src/resources/file.js'
import { contextOf, machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'

const manifest = '/etc/kubernetes/manifests/etcd.yaml'

/** The file's step on a machine that has these files, and what was told of data and text. */
function stepOn(files: Record<string, string>) {
  const host = fakeHost('cp1', { files })
  const plane = { ...machine({ name: 'cp1' }), host }
  const told: [boolean, string | undefined][] = []
  const whole = file(host, {
    path: manifest,
    title: 'manifest of etcd',
    content: () => 'wanted',
    mode: '0600',
  })
  const step = memberFile(contextOf([plane]), plane, whole, {
    dataDirIn: (text) => /--data-dir=(\S+)/.exec(text)?.[1],
    insteadOfMoving: (is) => `write dataDir: ${is}`,
    tell: (data, text) => told.push([data, text]),
  })
  return { step, told, found: async () => step.diff(await step.probe()) }
}

describe('the file that a member runs by', () => {
  test('is a guard: when it cannot be looked at, nothing is changed anywhere', () => {
    expect(stepOn({}).step.guards).toBe(true)
  })

  test('is told whether there are data, and what it says', async () => {
    const empty = stepOn({})
    await empty.found()
    const living = stepOn({ [manifest]: '--data-dir=/var/lib/etcd', '/var/lib/etcd/member/wal': '' })
    await living.found()
    expect([...empty.told, ...living.told]).toEqual([
      [false, undefined],
      [true, '--data-dir=/var/lib/etcd'],
    ] satisfies [boolean, string | undefined][])
  })

  test('is never moved to another directory, where etcd would begin anew', async () => {
    await expect(stepOn({ [manifest]: '--data-dir=/srv/etcd' }).found()).rejects.toMatchObject({
      kind: 'step',
      host: 'cp1',
      next: 'write dataDir: /srv/etcd',
    })
  })
})
