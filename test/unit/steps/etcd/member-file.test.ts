import { describe, expect, test } from 'vitest'
import { memberFile } from '../../../../src/steps/etcd/member-file.js'
import { quietly } from '../../../support/apply-now.js'
import { contextOf, machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'

const manifest = '/etc/kubernetes/manifests/etcd.yaml'

/** The file's step on a machine that has these files, and what was told of data and text. */
function stepOn(files: Record<string, string>) {
  const host = fakeHost('cp1', { files })
  const plane = { ...machine({ name: 'cp1' }), host }
  const told: [boolean, string | undefined][] = []
  const step = memberFile(contextOf([plane]), plane, {
    path: manifest,
    title: 'manifest of etcd',
    mode: '0600',
    dataDirIn: (text) => /--data-dir=(\S+)/.exec(text)?.[1],
    insteadOfMoving: (is) => `write dataDir: ${is}`,
    contentFor: (data, text) => {
      told.push([data, text])
      return `data: ${data}`
    },
  })
  return { step, host, told, found: async () => step.diff(await step.probe()) }
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

  test('says what the look gave reason for, whatever was seen of another look since', async () => {
    const { step, host } = stepOn({ '/var/lib/etcd/member/wal': '' })
    const observed = await step.probe()
    const changes = step.diff(observed)
    host.files.delete('/var/lib/etcd/member/wal')
    step.diff(await step.probe())
    await step.apply(changes, quietly(observed))
    expect(host.files.get(manifest)).toBe('data: true')
  })

  test('is never moved to another directory, where etcd would begin anew', async () => {
    await expect(stepOn({ [manifest]: '--data-dir=/srv/etcd' }).found()).rejects.toMatchObject({
      kind: 'step',
      host: 'cp1',
      next: 'write dataDir: /srv/etcd',
    })
  })
})
