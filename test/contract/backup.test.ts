import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { backupScript } from '../../src/phases/backup.js'

let all = ''
beforeEach(() => {
  all = join(fs.mkdtempSync(join(tmpdir(), 'ks-backup-')), 'backups')
})
afterEach(() => fs.rmSync(all, { recursive: true, force: true }))

/** Runs it, with a snapshot that is as said. */
const save = (name: string, { etcd = '', snapshot = 'echo db >"$1"', files = [] as string[] } = {}) =>
  spawnSync(
    'sh',
    [
      '-c',
      `snapshot() { ${snapshot}; }\n${backupScript}`,
      'sh',
      join(all, name),
      '3',
      etcd,
      '/var/lib/etcd',
      'https://127.0.0.1:2379',
      ...files,
    ],
    { encoding: 'utf8' },
  )

describe('a backup before an upgrade', () => {
  it('is for root alone, and has the snapshot where one is wanted', () => {
    expect(save('20260101T000000Z-v1.35.6', { etcd: 'etcd' })).toMatchObject({ status: 0, stderr: '' })
    expect(fs.readFileSync(join(all, '20260101T000000Z-v1.35.6/etcd.db'), 'utf8')).toBe('db\n')
    expect((fs.statSync(all).mode & 0o777).toString(8)).toBe('700')
    expect(save('20260102T000000Z-v1.35.6').status).toBe(0)
    expect(fs.existsSync(join(all, '20260102T000000Z-v1.35.6/etcd.db'))).toBe(false)
  })

  it('has further files with their modes, and not those that are not there', () => {
    const file = join(tmpdir(), `ks-backup-${process.pid}`, 'encryption.yaml')
    fs.mkdirSync(dirname(file))
    fs.writeFileSync(file, 'keys\n', { mode: 0o640 })
    const saved = save('20260101T000000Z-v1.35.6', { files: [file, `${file}.gone`] })
    fs.rmSync(dirname(file), { recursive: true })
    expect(saved).toMatchObject({ status: 0, stderr: '' })
    const copy = join(all, '20260101T000000Z-v1.35.6/kubernetes', file)
    expect(fs.readFileSync(copy, 'utf8')).toBe('keys\n')
    expect((fs.statSync(copy).mode & 0o777).toString(8)).toBe('640')
    expect(fs.readdirSync(dirname(copy))).toEqual(['encryption.yaml'])
  })

  it('is not there where the snapshot fails, and what was begun is cleared by the next', () => {
    const failed = save('20260101T000000Z-v1.35.6', { etcd: 'etcd', snapshot: 'echo no space >&2; return 1' })
    expect(failed).toMatchObject({ status: 1, stderr: 'no space\n' })
    expect(fs.existsSync(join(all, '20260101T000000Z-v1.35.6'))).toBe(false)
    expect(save('20260102T000000Z-v1.35.6').status).toBe(0)
    expect(fs.readdirSync(all)).toEqual(['20260102T000000Z-v1.35.6'])
  })

  it('with the only snapshot is kept, however many without one come after it', () => {
    expect(save('20260101T000000Z-v1.35.6', { etcd: 'etcd' }).status).toBe(0)
    for (const day of ['02', '03', '04', '05']) expect(save(`202601${day}T000000Z-v1.35.6`).status).toBe(0)
    expect(fs.readdirSync(all).sort()).toEqual(
      ['01', '03', '04', '05'].map((day) => `202601${day}T000000Z-v1.35.6`),
    )
    expect(fs.existsSync(join(all, '20260101T000000Z-v1.35.6/etcd.db'))).toBe(true)
  })

  it('is kept until three newer ones are there', () => {
    for (const day of ['01', '02', '03', '04', '05'])
      expect(save(`202601${day}T000000Z-v1.35.6`).status).toBe(0)
    expect(fs.readdirSync(all).sort()).toEqual(
      ['03', '04', '05'].map((day) => `202601${day}T000000Z-v1.35.6`),
    )
  })
})
