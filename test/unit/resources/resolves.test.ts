import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withBlock } from '../../../src/resources/edit-file.js'
import { refuseTaken, resolves } from '../../../src/resources/resolves.js'
import { machine } from '../../support/context.js'

const block = (address: string): string => `# BEGIN kubestrap\n${address} api.example\n# END kubestrap\n`

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ks-hosts-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

/** The step on a host with this /etc/hosts, whose resolver gives its first line. */
function step(hostsFile: string, lives = false) {
  const path = join(directory, 'hosts')
  writeFileSync(path, hostsFile)
  const getent = `getent() { a=$(awk '/^#/ { next } { for (i = 2; i <= NF; i++) if ($i == "api.example") { print $1, "STREAM", $i; exit } }' ${path}); [ -n "$a" ] || return 2; echo "$a"; }\n`
  const { host } = machine()
  host.read = async ({ script, args }) => {
    const own = getent + script.replaceAll('/etc/hosts', path)
    const ran = spawnSync('/bin/sh', ['-c', own, 'sh', ...(args ?? [])])
    return { kind: 'exited', code: ran.status ?? 255, stdout: ran.stdout, stderr: ran.stderr.toString() }
  }
  const one = resolves(host, 'api.example', '10.0.0.5', lives)
  return async () => one.diff(await one.probe())
}

describe("the endpoint's name, read back", () => {
  test('is right when the block, or a line of the user’s, has the address', async () => {
    expect(await step(block('10.0.0.5'))()).toEqual([])
    expect(await step(`10.0.0.5 api.example\n${block('10.0.0.5')}`)()).toEqual([])
  })

  test('is waited for until the block is written, or has the new address', async () => {
    expect(await step('127.0.0.1 localhost\n')()).toMatchObject([{ kind: 'wait' }])
    expect(await step(block('10.0.0.4'))()).toMatchObject([{ kind: 'wait' }])
  })

  test('is refused, with the line, when an earlier line of the user’s wins', async () => {
    await expect(
      step(`127.0.0.1 localhost\n10.0.0.9 x API.example api.example # mine\n${block('10.0.0.5')}`)(),
    ).rejects.toThrow(
      expect.objectContaining({
        message: 'api.example resolves to 10.0.0.9, not to 10.0.0.5',
        why: '/etc/hosts, line 2: 10.0.0.9 x API.example api.example # mine',
      }),
    )
  })

  test('a node that lives with such a line keeps it until the address changes', async () => {
    expect(await step(`10.0.0.9 api.example\n${block('10.0.0.5')}`, true)()).toEqual([])
    await expect(step(`10.0.0.9 api.example\n${block('10.0.0.4')}`, true)()).rejects.toThrow(
      'not to 10.0.0.5',
    )
  })

  test('a new address is refused before the edit is made, however often it is tried', () => {
    const { host } = machine()
    const edited = (before: string): void =>
      refuseTaken(host, 'api.example', '10.0.0.5', before, withBlock(before, ['10.0.0.5 api.example']))
    const mine = `127.0.0.1 localhost\n10.0.0.9 API.example # mine\n`
    for (const before of [mine, `${mine}${block('10.0.0.4')}`])
      expect(() => edited(before)).toThrow(
        expect.objectContaining({
          message: 'api.example resolves to 10.0.0.9, not to 10.0.0.5',
          host: host.name,
          why: '/etc/hosts, line 2: 10.0.0.9 API.example # mine',
        }),
      )
    // it has lived with the line, whose line comes later, has the address, or is none
    expect(() => edited(`${mine}${block('10.0.0.5')}`)).not.toThrow()
    expect(() => edited(`${block('10.0.0.4')}${mine}`)).not.toThrow()
    expect(() => edited(`10.0.0.5 api.example\n`)).not.toThrow()
    expect(() => edited(`# 10.0.0.9 api.example\n10.0.0.9 example\n`)).not.toThrow()
  })
})
