import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { apt } from '../../../src/os/apt/apt.js'
import { dnf } from '../../../src/os/dnf/dnf.js'
import { zypper } from '../../../src/os/zypper/zypper.js'
import { shimmedHost } from '../../support/shimmed-host.js'

async function run(shims: Record<string, string>, script: string, args: string[]) {
  const host = shimmedHost('w1', shims)
  try {
    const { code, stdout } = await host.read({ script, args })
    return { code, names: stdout.toString().split('\n').filter(Boolean) }
  } finally {
    host.remove()
  }
}
const asked = ['containerd', 'docker-ce', 'docker-ce-cli']
const none = { code: 0, names: [] }

describe('apt-mark', () => {
  const twice = (words: string) =>
    `n=$(cat "$SHIMS/n" 2>/dev/null || echo 0); echo $((n + 1)) >"$SHIMS/n"; [ $n -ge 2 ] || { echo "${words}" >&2; exit 100; }; echo "$*"`

  test.each([apt.holdPackages, apt.releasePackages])('waits for the lock of dpkg: %s', async (script) => {
    const locked = twice('dpkg: error: dpkg frontend lock was locked by another process with pid 7')
    expect((await run({ 'apt-mark': locked, sleep: ':' }, script, asked)).code).toBe(0)
    expect((await run({ 'apt-mark': twice('E: no'), sleep: ':' }, script, asked)).code).not.toBe(0)
  })
})

describe('what is held is told by', () => {
  test('apt-mark, and an apt-mark that fails is no answer', async () => {
    expect(
      await run({ 'apt-mark': 'echo containerd; echo docker-ce-cli-extra' }, apt.heldPackages, asked),
    ).toEqual({
      code: 0,
      names: ['containerd'],
    })
    expect(await run({ 'apt-mark': 'exit 0' }, apt.heldPackages, asked)).toEqual(none)
    expect((await run({ 'apt-mark': 'exit 100' }, apt.heldPackages, asked)).code).not.toBe(0)
  })

  const rpm = 'shift $(($# - 1)); echo "$1"'

  test('versionlock of dnf 4 and of dnf 5', async () => {
    // dnf-plugins-core, doc/versionlock.rst; dnf5, doc/commands/versionlock.8.rst
    const four = 'echo "docker-ce-3:24.0.7-1.el9.*"; echo "docker-ce-rootless-extras-0:24.0.7-1.el9.*"'
    expect((await run({ rpm, dnf: four }, dnf.heldPackages, asked)).names).toEqual(['docker-ce'])
    const five =
      'echo "# Added by \'versionlock add\' command"; echo "Package name: docker-ce-cli"; echo "evr = 1:24"'
    expect((await run({ rpm, dnf: five }, dnf.heldPackages, asked)).names).toEqual(['docker-ce-cli'])
  })

  test('nothing where dnf has no versionlock; another failure is no answer', async () => {
    const absent = 'echo "No such command: versionlock. Please use /usr/bin/dnf --help" >&2; exit 1'
    expect(await run({ rpm, dnf: absent }, dnf.heldPackages, asked)).toEqual(none)
    expect((await run({ rpm, dnf: 'exit 1' }, dnf.heldPackages, asked)).code).not.toBe(0)
  })

  test('the locks of zypper', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ks-locks-'))
    const locks = join(directory, 'locks')
    const script = zypper.heldPackages.replaceAll('/etc/zypp/locks', locks)
    expect(await run({}, script, asked)).toEqual(none)
    // locks(5)
    writeFileSync(locks, 'type: package\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: docker-ce\n')
    expect((await run({}, script, asked)).names).toEqual(['docker-ce'])
    rmSync(directory, { recursive: true })
  })
})
