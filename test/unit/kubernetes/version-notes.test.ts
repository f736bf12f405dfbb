import { expect, test } from 'vitest'
import { releaseFor } from '../../../src/kubernetes/releases/index.js'
import { versionNotes } from '../../../src/kubernetes/releases/version-notes.js'

const release = { ...releaseFor('1.36.2'), patch: '1.36.2' }
const untested = expect.stringContaining('Kubernetes 1.36 is untested')

test('a minor that never ran is told as untested, one that ran is not', () => {
  expect(versionNotes('1.36.2', { ...release, untested: true })).toEqual([untested])
  expect(versionNotes('1.36.2', { ...release, untested: false })).toEqual([])
})

test('a newer patch release is used, with the images of the newest known one', () => {
  expect(versionNotes('1.36.10', { ...release, untested: false })).toEqual([
    expect.stringMatching(
      /1\.36\.10 is newer than 1\.36\.2.*etcd 3\.6\.8-0, CoreDNS v1\.14\.2 and pause 3\.10\.2/,
    ),
  ])
})
