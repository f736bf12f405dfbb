import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import {
  addedByTable,
  installPackages as byDnf,
  removePackages as removeByDnf,
} from '../../../src/os/dnf/install.js'
import { addedByXml, installPackages as byZypper } from '../../../src/os/zypper/install.js'
import { shimmedHost } from '../../support/shimmed-host.js'

const fixture = (name: string): string => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8')

/** What a filter of a script prints of a captured output. */
function filtered(filter: string, name: string): string[] {
  const { stdout } = spawnSync('sh', ['-c', filter], { input: fixture(name), encoding: 'utf8' })
  return stdout.split('\n').filter(Boolean)
}

describe('what a transaction adds is read from', () => {
  test('the table of dnf 4', () => {
    expect(filtered(addedByTable, 'dnf-4-docker-ce.txt')).toEqual([
      'docker-ce',
      'container-selinux',
      'containerd.io',
      'docker-ce-cli',
      'fuse-overlayfs',
      'libslirp',
      'slirp4netns',
      'docker-buildx-plugin',
      'docker-ce-rootless-extras',
      'docker-compose-plugin',
    ])
  })

  test('a table with rows that go on in the next line, module streams and upgrades', () => {
    expect(filtered(addedByTable, 'dnf-4-wrapped.txt')).toEqual([
      'perl-libs',
      'perl-threads-shared',
      'perl-IO-Socket-IP',
      'perl-IO-Socket-SSL',
      'perl-Mozilla-CA',
    ])
    expect(filtered(addedByTable, 'dnf-4-upgrades.txt')).toEqual([
      'libnsl2',
      'python3.12-libs',
      'python3.12-setuptools',
    ])
  })

  test('the table of dnf 5', () => {
    expect(filtered(addedByTable, 'dnf-5.txt')).toEqual([
      'perl-parent',
      'python3',
      'util-linux',
      '7zip',
      'unzip',
    ])
  })

  test('the XML of zypper, an element a line or all in one', () => {
    const names = ['kernel-default', 'ucode-intel']
    expect(filtered(addedByXml, 'zypper-one-line.xml')).toEqual(names)
    expect(filtered(addedByXml, 'zypper-lines.xml')).toEqual(['containerd', 'runc'])
    expect(filtered(addedByXml, 'zypper-real.xml')).toEqual(['ks-lib', 'ks-tool'])
  })
})

const made: string[] = []
afterEach(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true })
})

/** Runs an installation with the given package managers; what it remembers and calls goes to a file. */
async function install(script: string, shims: Record<string, string>) {
  const directory = mkdtempSync(join(tmpdir(), 'ks-os-'))
  made.push(directory)
  const log = join(directory, 'log')
  const note = (program: string) => `echo "${program} $*" >>${log}`
  const host = shimmedHost(
    'w1',
    Object.fromEntries(Object.entries(shims).map(([name, body]) => [name, `${note(name)}\n${body}`])),
  )
  const functions = `remember() { echo "remember $1 $2" >>${log}; }\nremembered() { echo remembered >>${log}; }\n`
  try {
    const { code, stderr } = await host.read({ script: `${functions}${script}`, args: ['docker-ce'] })
    return { code, stderr, done: readFileSync(log, 'utf8').trim().split('\n') }
  } finally {
    host.remove()
  }
}
const planOf = (name: string): string => `cat ${new URL(`./fixtures/${name}`, import.meta.url).pathname}`
const resolved = `case $1 in --assumeno) ${planOf('dnf-4-docker-ce.txt')}; echo 'Operation aborted.' >&2; exit 1 ;; esac`
const options = '--setopt=install_weak_deps=False --setopt=exit_on_lock=True install -- docker-ce'

describe('dnf installs', () => {
  test('what it was asked for after all of it was remembered', async () => {
    const { code, done } = await install(byDnf, { dnf: resolved })
    expect(code).toBe(0)
    expect(done[0]).toBe(`dnf --assumeno ${options}`)
    expect(done.slice(-2)).toEqual(['remembered', `dnf -y ${options}`])
    expect(done).toContain('remember package container-selinux')
    expect(done).toHaveLength(13)
  })

  test('nothing when another dnf has the lock, until that is gone', async () => {
    const lock =
      'n=$(cat "$SHIMS/n" 2>/dev/null || echo 0); echo $((n + 1)) >"$SHIMS/n"; [ $n -ge 2 ] || exit 200'
    const { code, done } = await install(byDnf, { dnf: `${lock}\n${resolved}`, sleep: ':' })
    expect(code).toBe(0)
    expect(done.filter((line) => line.startsWith('dnf --assumeno'))).toHaveLength(3)
    expect(done.filter((line) => line === 'sleep 2')).toHaveLength(2)
  })

  test('nothing, and says why, when a lock does not end or a package is not found', async () => {
    const locked = await install(byDnf, { dnf: 'echo "Waiting for process" >&2; exit 200', sleep: ':' })
    expect(locked.code).toBe(1)
    expect(locked.done.filter((line) => line === 'sleep 2')).toHaveLength(150)
    const words = 'Error: Unable to find a match: docker-ce'
    const missing = await install(byDnf, { dnf: `echo "${words}" >&2; exit 1` })
    expect([missing.code, missing.stderr.trim(), missing.done.length]).toEqual([1, words, 1])
  })

  test.each(['Upgrading', 'Downgrading'])('another version in place of one: %s', async (section) => {
    const plan = `echo '${section}:'; echo ' docker-ce x86_64 3:24.0.7-1.el9 docker 24 M'; echo; echo 'Operation aborted.'; exit 1`
    const { code, done } = await install(byDnf, { dnf: `case $1 in --assumeno) ${plan} ;; esac` })
    expect([code, done.at(-1)]).toEqual([0, `dnf -y ${options}`])
  })

  test('nothing when it does not tell what it would install', async () => {
    const { code, stderr, done } = await install(byDnf, { dnf: 'echo "Operation aborted." >&2; exit 1' })
    expect(code).toBe(1)
    expect(stderr).toContain('did not say what it would install')
    expect(done).toHaveLength(1)
  })
})

test('dnf removes what it is told, and the configuration that rpm sets aside', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ks-os-'))
  made.push(directory)
  const saved = join(directory, 'daemon.json.rpmsave')
  const { code, done } = await install(removeByDnf, {
    rpm: `echo '${directory}/daemon.json'`,
    dnf: `: >'${saved}'`,
  })
  expect(code).toBe(0)
  expect(done[1]).toBe('dnf -y --setopt=clean_requirements_on_remove=False remove -- docker-ce')
  expect(() => readFileSync(saved)).toThrow('ENOENT')
})

describe('zypper installs', () => {
  const dryRun = (then: string) =>
    `case "$*" in *--dry-run*) ${planOf('zypper-lines.xml')}; exit 0 ;; esac\n${then}`

  test('what it was asked for after all of it was remembered', async () => {
    const { code, done } = await install(byZypper, { zypper: dryRun('exit 0') })
    expect(code).toBe(0)
    expect(done).toEqual([
      'zypper --non-interactive --xmlout install --dry-run --no-recommends --auto-agree-with-licenses -- docker-ce',
      'remember package containerd',
      'remember package runc',
      'remembered',
      'zypper --non-interactive install --no-recommends --auto-agree-with-licenses -- docker-ce',
    ])
  })

  test.each([
    [102, 0],
    [103, 0],
    [106, 0],
    [104, 1],
    [107, 1],
    [8, 1],
  ])('exit code %i of it is %i', async (said, code) => {
    expect((await install(byZypper, { zypper: dryRun(`exit ${said}`) })).code).toBe(code)
  })

  test('nothing, and says why, when a package is not found', async () => {
    const xml = `<?xml version='1.0'?>\n<stream>\n<message type="error">No provider of 'docker-ce' found.</message>\n</stream>`
    const { code, stderr, done } = await install(byZypper, { zypper: `cat <<'X'\n${xml}\nX\nexit 104` })
    expect(code).toBe(1)
    expect(stderr.trim()).toBe("No provider of 'docker-ce' found.")
    expect(done).toHaveLength(1)
  })
})
