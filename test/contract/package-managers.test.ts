import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { ledgerFile, ledgerFunctions } from '../../src/host/ledger-script.js'
import { dnf } from '../../src/os/dnf/dnf.js'
import { zypper } from '../../src/os/zypper/zypper.js'

/**
 * The scripts with the real dnf, zypper and rpm, in a root of their own with a repository of packages made here. No
 * machine has them by itself; Debian's archive does:
 *
 *     debootstrap --variant=minbase --include=dnf,zypper,rpm,createrepo-c bookworm /tmp/rpm-root
 *     KUBESTRAP_RPM_ROOT=/tmp/rpm-root npx vitest run --project contract test/contract/package-managers.test.ts
 */
const root = process.env.KUBESTRAP_RPM_ROOT ?? ''
const why = whyNot()
if (why) console.warn(`package managers of RPM are not tested: ${why}`)

function whyNot(): string | undefined {
  if (root === '') return 'KUBESTRAP_RPM_ROOT names no root that has them'
  if (process.getuid?.() !== 0) return 'not root'
  const missing = ['dnf', 'zypper', 'rpm', 'rpmbuild', 'createrepo_c'].filter(
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
