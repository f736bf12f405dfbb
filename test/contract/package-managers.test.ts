import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Host } from '../../src/host/host.js'
import { ledgerFile, ledgerFunctions } from '../../src/host/ledger-script.js'
import { createHost } from '../../src/host/remote-host.js'
import { dnf } from '../../src/os/dnf/dnf.js'
import { rhelLike } from '../../src/os/rhel.js'
import { zypper } from '../../src/os/zypper/zypper.js'
import { readLedger } from '../../src/resources/ledger.js'
import { repository } from '../../src/resources/repository.js'
import { keysStep } from '../../src/steps/reset/keys-step.js'
import { applyNow } from '../support/apply-now.js'
import { machine } from '../support/context.js'
import { connectionBy } from '../support/overlay-root.js'

/**
 * The scripts with the real dnf, zypper and rpm, in a root of their own with a repository of packages made here. No
 * machine has them by itself; Debian's archive does:
 *
 *     debootstrap --variant=minbase --include=dnf,zypper,rpm,createrepo-c,gnupg bookworm /tmp/rpm-root
 *     KUBESTRAP_RPM_ROOT=/tmp/rpm-root npx vitest run --project contract test/contract/package-managers.test.ts
 */
const root = process.env.KUBESTRAP_RPM_ROOT ?? ''
const why = whyNot()
if (why) console.warn(`package managers of RPM are not tested: ${why}`)

function whyNot(): string | undefined {
  if (root === '') return 'KUBESTRAP_RPM_ROOT names no root that has them'
  if (process.getuid?.() !== 0) return 'not root'
  const missing = ['dnf', 'zypper', 'rpm', 'rpmbuild', 'createrepo_c', 'gpg'].filter(
    (program) => !existsSync(join(root, 'usr/bin', program)),
  )
  return missing.length > 0 ? `${root} has no ${missing.join(', ')}` : undefined
}

function run(script: string, ...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync('chroot', [root, '/bin/sh', '-c', script, 'sh', ...args], {
    encoding: 'utf8',
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', HOME: '/root' },
  })
  return { code: status, out: stdout, err: stderr }
}
function must(script: string, ...args: string[]): string {
  const { code, out, err } = run(script, ...args)
  if (code !== 0) throw new Error(`exit code ${code}: ${out}${err}`)
  return out
}
const called = (body: string): string => `f() {\n${body}\n}\nf "$@"`

/** ks-tool requires ks-lib, which has a configuration file and provides ks-virtual; ks-extra is only recommended. */
const specs: Readonly<Record<string, string>> = {
  'ks-tool': 'Requires: ks-lib\nRecommends: ks-extra',
  'ks-lib': 'Provides: ks-virtual = 1',
  'ks-extra': '',
  'ks-base': '',
}
const files: Readonly<Record<string, string>> = {
  'ks-tool': '/usr/bin/ks-tool',
  'ks-lib': '%config(noreplace) /etc/ks-lib.conf',
  'ks-extra': '/usr/bin/ks-extra',
  'ks-base': '/usr/bin/ks-base',
}

beforeAll(() => {
  if (why) return
  must('rm -rf /ks /root/.rpmdb; mkdir -p /ks/repo /ks/build /etc/rpm')
  // Debian's rpm has root's packages in a directory of its own, where dnf and zypper do not look
  writeFileSync(join(root, 'etc/rpm/macros'), '%_dbpath /var/lib/rpm\n')
  for (const [name, further] of Object.entries(specs)) {
    const file = files[name] ?? ''
    const path = file.split(' ').at(-1) ?? ''
    writeFileSync(
      join(root, `ks/build/${name}.spec`),
      `Name: ${name}
Version: 1.2
Release: 3
Summary: A package of a test
License: Apache-2.0
BuildArch: noarch
${further}
%description
A package of a test.
%install
mkdir -p %{buildroot}/usr/bin %{buildroot}/etc
echo one >%{buildroot}${path}
%files
${file}
`,
    )
    must('rpmbuild -bb --define "_topdir /ks/build" --define "_rpmdir /ks/repo" "/ks/build/$1.spec"', name)
  }
  // Debian's zypper fails over a database without any package
  must('rpm -q ks-base >/dev/null || rpm -i /ks/repo/noarch/ks-base-*.rpm')
  must('createrepo_c -q /ks/repo; rm -rf /var/cache/zypp /var/cache/dnf')
  const definition = '[ks]\nname=ks\nbaseurl=file:///ks/repo\nenabled=1\ngpgcheck=0\nrepo_gpgcheck=0\n'
  for (const directory of ['etc/yum.repos.d', 'etc/zypp/repos.d']) {
    mkdirSync(join(root, directory), { recursive: true })
    writeFileSync(join(root, directory, 'ks.repo'), definition)
  }
}, 120_000)

describe.skipIf(why !== undefined).each([
  ['dnf', dnf],
  ['zypper', zypper],
] as const)('the real %s', (_name, manager) => {
  const names = ['ks-tool', 'ks-virtual']

  test('installs, tells, and removes what it was asked for, and the ledger has all that was added', () => {
    must('rpm -e ks-tool ks-lib ks-extra 2>/dev/null; rm -f "$1" /etc/ks-lib.conf*; exit 0', ledgerFile)
    expect(must(manager.installedPackages, ...names)).toBe('')
    expect(must(called(manager.offeredVersion), 'ks-tool').trim()).toBe('1.2-3')
    expect(must(called(manager.availableVersions), 'ks-tool')).toBe('1.2-3\n')
    expect(must(called(manager.availableVersions), 'ks-missing')).toBe('')

    must(`${ledgerFunctions}${manager.installPackages}`, ...names)
    expect(must(manager.installedPackages, ...names)).toBe('ks-tool 1.2-3\nks-virtual 1.2-3\n')
    expect(run('rpm -q ks-extra').code).toBe(1)
    expect(must('cut -f2,3 "$1" | sort', ledgerFile)).toBe('package\tks-lib\npackage\tks-tool\n')
    expect(must(called(manager.owningPackage), '/usr/bin/ks-tool')).toBe('ks-tool\n')
    expect(must(called(manager.owningPackage), '/usr/bin/dnf')).toBe('')

    // what is there is not installed again, also by its version
    must(`${ledgerFunctions}${manager.installPackages}`, ...names)
    must(`${ledgerFunctions}${manager.installPackages}`, `ks-tool${manager.versionSeparator}1.2-3`)

    must('echo two >/etc/ks-lib.conf')
    must(manager.removePackages, 'ks-tool', 'ks-lib')
    expect(must(manager.installedPackages, ...names)).toBe('')
    expect(must('ls /etc/ks-lib.conf* 2>/dev/null; exit 0')).toBe('')
  }, 120_000)

  test('replaces a version by an older or a newer one', () => {
    must(`sed 's/^Version: .*/Version: 1.1/' /ks/build/ks-tool.spec >/ks/build/older.spec
rpmbuild -bb --define "_topdir /ks/build" --define "_rpmdir /ks/older" /ks/build/older.spec && createrepo_c -q /ks/older
for d in /etc/yum.repos.d /etc/zypp/repos.d; do
  printf '%s\\n' '[older]' name=older baseurl=file:///ks/older enabled=1 gpgcheck=0 repo_gpgcheck=0 >$d/older.repo
done
rm -rf /var/cache/zypp /var/cache/dnf`)
    try {
      must(`${ledgerFunctions}${manager.installPackages}`, 'ks-tool')
      for (const version of ['1.1-3', '1.2-3']) {
        must(
          `exactly=1\n${ledgerFunctions}${manager.downloadPackages}`,
          `ks-tool${manager.versionSeparator}${version}`,
        )
        expect(must(manager.installedPackages, 'ks-tool')).not.toBe(`ks-tool ${version}\n`)
        must(
          `exactly=1\n${ledgerFunctions}${manager.installPackages}`,
          `ks-tool${manager.versionSeparator}${version}`,
        )
        expect(must(manager.installedPackages, 'ks-tool')).toBe(`ks-tool ${version}\n`)
      }
    } finally {
      must(manager.removePackages, 'ks-tool', 'ks-lib')
      must(
        'rm -rf /etc/yum.repos.d/older.repo /etc/zypp/repos.d/older.repo /ks/older /var/cache/zypp /var/cache/dnf',
      )
    }
  }, 120_000)

  test('says which package it does not find, and offers none', () => {
    const { code, out, err } = run(`${ledgerFunctions}${manager.installPackages}`, 'ks-missing')
    expect(code).not.toBe(0)
    expect(out + err).toContain('ks-missing')
    expect(must(called(manager.offeredVersion), 'ks-missing')).toBe('')
  }, 60_000)
})

/** That root as a host: what its scripts need besides is mounted while each runs. */
const inside = (): Host =>
  createHost(
    'w1',
    connectionBy('root', (line) => [
      'unshare',
      '-m',
      'sh',
      '-c',
      'for d in proc dev; do mount --rbind "/$d" "$1/$d" || exit 1; done; exec chroot "$1" /bin/sh -c "$2"',
      'sh',
      root,
      line,
    ]),
  )

describe.skipIf(why !== undefined).each([
  ['dnf', { ...rhelLike, ...dnf }, '/etc/yum.repos.d'],
  ['zypper', { ...rhelLike, ...zypper }, '/etc/zypp/repos.d'],
] as const)('a repository for the real %s', (_name, os, definitions) => {
  const wish = { name: 'signed', url: 'file:///ks/signed', suite: '', components: [], signedLists: true }
  const files = os.repository(wish)
  const trusted = (): string[] => must('rpm -qa gpg-pubkey | sort').split('\n').filter(Boolean)
  const keyOf = (home: string): string => must('gpg --homedir "$1" --armor --export', home)
  const there = (): string => must('ls "$1" /etc/pki/rpm-gpg /var/lib/kubestrap/unread', definitions)
  const noted = (): string => must('cut -f2,3 "$1" 2>/dev/null | grep ^key; exit 0', ledgerFile)
  let host: Host
  let before: string

  beforeEach(async () => {
    must(
      `rm -rf /ks/signed /var/lib/kubestrap /run/kubestrap /etc/pki/rpm-gpg/* "$1"/kubestrap-* /var/cache/dnf /var/cache/zypp
mkdir -p /etc/pki/rpm-gpg /var/lib/kubestrap/unread /root/.gnupg
rpm -e $(rpm -qa gpg-pubkey) 2>/dev/null
for home in /ks/gpg /ks/other; do
  [ -d $home ] || { mkdir -m 0700 $home && gpg --homedir $home --batch --passphrase '' --quick-gen-key "$home" rsa2048 sign never 2>/dev/null || exit 1; }
done
cp -r /ks/repo /ks/signed && gpg --homedir /ks/gpg --batch --yes --detach-sign --armor /ks/signed/repodata/repomd.xml
gpg --homedir /ks/gpg --armor --export >/ks/signed/repodata/repomd.xml.key`,
      definitions,
    )
    host = inside()
    await host.takeOver('epoch')
    before = there()
  })

  test('is read, and its key is trusted by rpm, noted, and removed again by reset alone', async () => {
    const step = repository(host, os, wish, keyOf('/ks/gpg'))
    await applyNow(step)
    expect(step.diff(await step.probe())).toEqual([])
    const [key = ''] = trusted()
    expect(key).toMatch(/^gpg-pubkey-[0-9a-f]{8,}-[0-9a-f]+$/)
    expect(noted()).toBe(`key\t${key}\n`)
    const reset = keysStep(
      { ...machine({ name: 'w1', roles: ['worker'] }), host, os },
      () => readLedger(host),
      [],
    )
    expect((await applyNow(reset)).map(({ summary }) => summary)).toEqual([
      `remove ${key} from the keys of packages`,
    ])
    expect(trusted()).toEqual([])
    expect(reset.diff(await reset.probe())).toEqual([])
  }, 120_000)

  test('leaves a key alone that was there before', async () => {
    writeFileSync(join(root, 'ks/key.asc'), keyOf('/ks/gpg'))
    must('rpm --import /ks/key.asc')
    const own = trusted()
    await applyNow(repository(host, os, wish, keyOf('/ks/gpg')))
    expect([trusted(), noted()]).toEqual([own, ''])
    const reset = keysStep(
      { ...machine({ name: 'w1', roles: ['worker'] }), host, os },
      () => readLedger(host),
      [],
    )
    expect(reset.diff(await reset.probe())).toEqual([])
  }, 120_000)

  test('keeps its key, file and lists where another URL and key are none of it', async () => {
    await applyNow(repository(host, os, wish, keyOf('/ks/gpg')))
    const [own, now] = [trusted(), must('cat "$1" "$2" | sha256sum', files.definition.path, files.key)]
    await expect(
      applyNow(repository(host, os, { ...wish, url: 'file:///ks/none' }, keyOf('/ks/other'))),
    ).rejects.toThrow(/read repository/)
    expect(trusted()).toEqual(own)
    expect(must('cat "$1" "$2" | sha256sum', files.definition.path, files.key)).toBe(now)
    must(os.readRepository, files.id)
  }, 120_000)

  test.each([
    ['is signed with another key', '/ks/other', ':'],
    ['is not signed', '/ks/gpg', 'rm /ks/signed/repodata/repomd.xml.asc /ks/signed/repodata/repomd.xml.key'],
    ['is not there', '/ks/gpg', 'rm -rf /ks/signed'],
  ])(
    'that %s is taken back, with its key',
    async (_, home, prepare) => {
      must(prepare)
      const step = repository(host, os, wish, keyOf(home))
      await expect(applyNow(step)).rejects.toMatchObject({
        kind: 'step',
        message: expect.stringMatching(/^read repository signed: failed with exit code \d+$/),
        next: expect.stringContaining('removed from the host again'),
      })
      expect(there()).toBe(before)
      expect(trusted()).toEqual([])
      must('test ! -e "$1"', files.definition.path)
      // others are read as before
      must(os.readRepository, 'ks')
    },
    120_000,
  )
})

test.skipIf(why !== undefined)(
  'zypper holds and releases what is installed',
  () => {
    must(`${ledgerFunctions}${zypper.installPackages}`, 'ks-tool')
    expect(must(zypper.heldPackages, 'ks-tool', 'ks-lib')).toBe('')
    must(zypper.holdPackages, 'ks-tool')
    expect(must(zypper.heldPackages, 'ks-tool', 'ks-lib')).toBe('ks-tool\n')
    must(zypper.releasePackages, 'ks-tool')
    expect(must(zypper.heldPackages, 'ks-tool', 'ks-lib')).toBe('')
    must(zypper.removePackages, 'ks-tool', 'ks-lib')
  },
  120_000,
)
