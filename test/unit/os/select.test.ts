import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { catalog } from '../../../src/catalog.js'
import { parseFacts } from '../../../src/host/facts/parse-facts.js'
import { type Like, selectSystem } from '../../../src/os/select.js'

const directory = new URL('./fixtures/os-release/', import.meta.url)

/** What is made of a host with this os-release: "rhel", "rhel (note)" or the problem and what to do. */
function select(release: string, like?: Like, kernel = ''): string {
  const text = readFileSync(new URL(`${release}.txt`, directory), 'utf8')
  const facts = parseFacts(`\n@os\n${text}\n@kernel\n${kernel}\n@container\nnone\n@end\n`, {
    before: 0,
    after: 0,
  })
  const found = selectSystem(catalog.systems, facts, like)
  if ('problem' in found) return `${found.problem} → ${found.next}`
  return `${found.os.id}${found.note === '' ? '' : ` (${found.note})`}`
}

const expected: Readonly<Record<string, string>> = {
  'almalinux-10.0': 'rhel',
  'almalinux-8.3': 'rhel',
  'almalinux-9.6': 'rhel',
  'amzn-2023': 'amazon',
  'centos-10': 'rhel',
  'centos-7':
    'CentOS Linux 7 (Core) is not supported → its package manager is yum, without dnf; upgrade the host',
  'centos-9': 'rhel',
  'debian-11': 'debian',
  'debian-12': 'debian',
  'debian-13': 'debian',
  'eurolinux-8.4':
    'EuroLinux 8.4 (Vaduz) is not supported → it says that it is like rhel fedora centos: to treat it so, set os: { like: rhel } for the host',
  'fedora-42': 'fedora',
  'flatcar-3139.2.0': 'flatcar',
  'linuxmint-22':
    'Linux Mint 22 is not supported → it says that it is like ubuntu debian: to treat it so, set os: { like: ubuntu } for the host',
  'ol-8.10': 'rhel',
  'ol-9.4': 'rhel',
  'openeuler-20.03':
    'openEuler 20.03 (LTS-SP2) is not supported → supported: debian, ubuntu, rhel, rocky, almalinux, ol, centos, fedora, amzn, opensuse-leap, opensuse-tumbleweed, sles, flatcar; to treat it like one of them, set os: { like: debian | ubuntu | rhel | suse } for the host',
  'opensuse-leap-15.6': 'suse',
  'opensuse-leap-16.0': 'suse',
  'opensuse-tumbleweed-20240823': 'suse',
  'pop-20.04':
    'Pop!_OS 20.04 is not supported → it says that it is like ubuntu debian: to treat it so, set os: { like: ubuntu } for the host',
  'raspbian-12':
    'Raspbian GNU/Linux 12 (bookworm) is not supported → it says that it is like debian: to treat it so, set os: { like: debian } for the host',
  'rhel-10.0': 'rhel',
  'rhel-8.0': 'rhel',
  'rhel-9.4': 'rhel',
  'rocky-10.1': 'rhel',
  'rocky-8.6': 'rhel',
  'rocky-9.5': 'rhel',
  'sles-12.3':
    'SUSE Linux Enterprise Server 12 SP3 is not supported → versions before 15 have a systemd and container runtimes that are too old; upgrade the host',
  'sles-15.7': 'suse',
  'sles-16.0': 'suse',
  'ubuntu-20.04': 'ubuntu',
  'ubuntu-22.04': 'ubuntu',
  'ubuntu-24.04': 'ubuntu',
  'ubuntu-26.04': 'ubuntu',
}

describe('a system is recognized by its os-release', () => {
  test.each(Object.entries(expected))('%s: %s', (release, said) => {
    expect(select(release)).toBe(said)
  })

  test('each captured one is in the table', () => {
    expect(
      readdirSync(directory)
        .map((name) => name.replace('.txt', ''))
        .sort(),
    ).toEqual(Object.keys(expected).sort())
  })
})

describe('os.like', () => {
  test('makes an unknown system one that is known, and that is told', () => {
    expect(select('linuxmint-22', 'ubuntu')).toBe('ubuntu (Linux Mint 22 is treated like ubuntu (os.like))')
    expect(select('raspbian-12', 'debian')).toMatch(/^debian \(/)
    expect(select('eurolinux-8.4', 'rhel')).toMatch(/^rhel \(/)
    expect(select('openeuler-20.03', 'suse')).toMatch(/^suse \(/)
  })

  test('does not make a known system another', () => {
    expect(select('debian-12', 'debian')).toBe('debian')
    expect(select('debian-12', 'rhel')).toMatch(/^os.like is rhel, and the host runs Debian GNU\/Linux 12/)
  })

  test('does not make an image one with a package manager', () => {
    expect(select('flatcar-3139.2.0', 'debian')).toMatch(/^os.like is debian, and the host runs Flatcar/)
  })
})

test('a version that no test knows is told, and one without a number is not too old', () => {
  const facts = (os: string) => parseFacts(`\n@os\n${os}\n@end\n`, { before: 0, after: 0 })
  const note = (os: string) => {
    const found = selectSystem(catalog.systems, facts(os), undefined)
    return 'note' in found ? found.note : found.problem
  }
  expect(note('ID=debian\nVERSION_ID="10"\nPRETTY_NAME="Debian 10"')).toBe(
    'Debian 10 is a version that was not tested',
  )
  expect(note('ID=debian\nPRETTY_NAME="Debian sid"')).toBe('Debian sid is a version that was not tested')
  expect(note('ID=rhel\nPRETTY_NAME="RHEL"')).toBe('RHEL is a version that was not tested')
  expect(note('ID=rhel\nVERSION_ID=80\nPRETTY_NAME="RHEL 80"')).toBe(
    'RHEL 80 is a version that was not tested',
  )
})

test('what differs between versions of one family', () => {
  const at = (release: string, kernel = '', like?: Like) => {
    const text = readFileSync(new URL(`${release}.txt`, directory), 'utf8')
    const facts = parseFacts(`\n@os\n${text}\n@kernel\n${kernel}\n@container\nnone\n@end\n`, {
      before: 0,
      after: 0,
    })
    const found = selectSystem(catalog.systems, facts, like)
    if ('problem' in found) throw new Error(found.problem)
    return found.os
  }
  expect(at('opensuse-leap-15.6').cniPluginDirectory).toBe('/usr/lib/cni')
  expect(at('opensuse-leap-16.0').cniPluginDirectory).toBe('/usr/libexec/cni')
  expect(at('opensuse-tumbleweed-20240823').cniPluginDirectory).toBe('/usr/libexec/cni')
  const modules = (release: string, kernel: string) =>
    at(release, kernel).packages.kubeletNeeds.filter((name) => name.startsWith('kernel-'))
  expect(modules('rhel-10.0', '6.12.0-211.34.1.el10_1.x86_64')).toEqual([
    'kernel-modules-extra-6.12.0-211.34.1.el10_1.x86_64',
  ])
  expect(modules('rhel-9.4', '5.14.0-427.13.1.el9_4.x86_64')).toEqual([])
  expect(modules('ol-9.4', '5.15.0-205.149.5.1.el9uek.x86_64')).toEqual([])
  expect(at('debian-12').packages).toEqual({
    docker: ['docker.io'],
    containerd: ['containerd'],
    cniPlugins: ['containernetworking-plugins'],
    kubeletNeeds: ['conntrack', 'ebtables', 'ethtool', 'iproute2', 'iptables', 'socat', 'util-linux'],
    haproxy: ['haproxy'],
    keepalived: ['keepalived'],
    etcd: ['etcd-server', 'etcd-client'],
    selinux: [],
  })
  // a package of its own from Debian 13 on
  const docker = ['debian-11', 'debian-12', 'debian-13', 'ubuntu-24.04'].map((one) => at(one).packages.docker)
  expect(docker).toEqual([['docker.io'], ['docker.io'], ['docker.io', 'docker-cli'], ['docker.io']])
  // of another system the number is its own
  expect(at('linuxmint-22', '', 'debian').packages.docker).toEqual(['docker.io'])
})
