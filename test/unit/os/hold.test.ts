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

  // apt-pkg/contrib/fileutl.cc and deb/debsystem.cc of apt 1.4 to 3.0, lib/dpkg/file.c of dpkg 1.17 to 1.22
  test.each([
    'dpkg: error: dpkg frontend lock was locked by another process with pid 7',
    'dpkg: error: dpkg status database is locked by another process',
    'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (unattended-upgr)',
    'E: Could not get lock /var/lib/dpkg/lock - open (11: Resource temporarily unavailable)',
    'E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?',
    'E: Unable to lock the administration directory (/var/lib/dpkg/), is another process using it?',
  ])('waits for the lock of another: %s', async (words) => {
    for (const script of [apt.holdPackages, apt.releasePackages])
      expect((await run({ 'apt-mark': twice(words), sleep: ':' }, script, asked)).code).toBe(0)
  })

  test.each([
    'E: no',
    'E: Failed to fetch https://blockstore.example.com/deb/InRelease  404  Not Found',
    "E: Unable to locate package blockdev; Could not open lock file '/var/lib/dpkg/lock-frontend' - open (13: Permission denied)",
  ])('does not wait where nobody has one: %s', async (words) => {
    const tries = 'echo try >>"$SHIMS/tries"; [ "$(wc -l <"$SHIMS/tries")" -lt 3 ] || exit 0'
    const failing = `${tries}; printf '%s\\n' "${words}" >&2; exit 100`
    for (const script of [apt.holdPackages, apt.releasePackages])
      expect((await run({ 'apt-mark': failing, sleep: ':' }, script, asked)).code).not.toBe(0)
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
