import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Secret } from '../../../src/lib/secret.js'
import { logDirectory, newLogFile, openLogFile } from '../../../src/ui/log-file.js'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ks-log-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const lost: string[] = []
const at = (iso: string) => ({ now: () => new Date(iso), onLost: (why: string) => lost.push(why) })
const moment = at('2026-11-21T11:55:02.417Z')
const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8)

describe('a log', () => {
  test('is named after the moment and the command, and for its owner alone', () => {
    const log = newLogFile(join(directory, 'logs'), 'phase-run', moment)
    expect(log.path).toBe(join(directory, 'logs', '2026-11-21T11-55-02.417Z-phase-run.log'))
    expect(mode(log.path)).toBe('600')
    expect(mode(join(directory, 'logs'))).toBe('700')
  })

  test('has one object a line, each with its time, at once', () => {
    const log = newLogFile(directory, 'up', moment)
    log.write({ type: 'message', text: 'two\nlines' })
    log.write({ type: 'change', exitCode: 0 })
    const lines = readFileSync(log.path, 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { time: '2026-11-21T11:55:02.417Z', type: 'message', text: 'two\nlines' },
      { time: '2026-11-21T11:55:02.417Z', type: 'change', exitCode: 0 },
    ])
  })

  test('holds no secret, in no form, wherever in a record it stands', () => {
    const secret = new Secret('a "quoted"\npass-phrase')
    const log = newLogFile(directory, 'up', moment)
    const key = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN\n-----END PRIVATE KEY-----'
    log.write({
      secret,
      deep: [{ text: `is ${secret.reveal()}` }],
      coded: Buffer.from(secret.reveal()).toString('base64'),
      key,
    })
    const text = readFileSync(log.path, 'utf8')
    for (const part of [
      'quoted',
      'pass-phrase',
      'MIIEvQIBADAN',
      Buffer.from(secret.reveal()).toString('base64'),
    ])
      expect(text).not.toContain(part)
    expect(() => JSON.parse(text)).not.toThrow()
  })

  test('leaves ninety-nine of its predecessors, and files that are not its own', () => {
    for (let i = 100; i < 205; i += 1) newLogFile(directory, 'up', at(`2026-01-01T00:00:00.${i}Z`))
    writeFileSync(join(directory, 'notes.txt'), '')
    newLogFile(directory, 'plan', moment)
    const left = readdirSync(directory).sort()
    expect(left).toHaveLength(101)
    expect(left).toContain('notes.txt')
    expect(left).toContain('2026-11-21T11-55-02.417Z-plan.log')
    expect(left[0]).toBe('2026-01-01T00-00-00.106Z-up.log')
  })

  test('that is named goes on after what stands there, and takes it from others’ eyes', () => {
    const path = join(directory, 'own.log')
    writeFileSync(path, 'before\n', { mode: 0o644 })
    openLogFile(path, moment).write({ type: 'x' })
    expect(readFileSync(path, 'utf8')).toMatch(/^before\n\{.*"type":"x"\}\n$/)
    expect(mode(path)).toBe('600')
  })

  test('that can be written no more says so once and stops nothing', () => {
    lost.length = 0
    const log = openLogFile('/dev/full', moment)
    log.write({ type: 'x' })
    log.write({ type: 'y' })
    expect(lost).toEqual([expect.stringContaining('ENOSPC')])
  })

  test('lies where XDG says, and a relative place there is ignored', () => {
    expect(logDirectory({}, '/home/me')).toBe('/home/me/.local/state/kubestrap/logs')
    expect(logDirectory({ XDG_STATE_HOME: '/state' }, '/home/me')).toBe('/state/kubestrap/logs')
    expect(logDirectory({ XDG_STATE_HOME: 'state' }, '/home/me')).toBe('/home/me/.local/state/kubestrap/logs')
  })
})
