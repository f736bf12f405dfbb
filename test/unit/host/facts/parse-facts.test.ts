import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseFacts } from '../../../../src/host/facts/parse-facts.js'

// what the script of readFacts said on a Debian 12 container host (machine-id replaced)
const debian = readFileSync(new URL('fixtures/debian-12.txt', import.meta.url), 'utf8')
// and on a lab machine of systemd-nspawn
const lab = readFileSync(new URL('fixtures/lab-machine.txt', import.meta.url), 'utf8')
const time = 1_795_249_554_679.947
const asked = { before: time, after: time }

/** The fixture with other lines in one section. */
function having(section: string, lines: string): string {
  return debian.replace(
    new RegExp(`^@${section}\\n[\\s\\S]*?(?=^@|$(?![\\s\\S]))`, 'm'),
    () => `@${section}\n${lines}\n\n`,
  )
}

describe('parseFacts', () => {
  it('reads a captured machine', () => {
    expect(parseFacts(debian, { before: time - 300, after: time - 200 })).toEqual({
      hostname: 'vm',
      os: { id: 'debian', like: [], version: '12', name: 'Debian GNU/Linux 12 (bookworm)' },
      arch: 'amd64',
      kernel: '6.18.44-fc-v669',
      init: 'other',
      container: '',
      usrReadOnly: false,
      selinux: 'disabled',
      firewalls: [],
      timeSync: { units: 'unknown', synchronized: 'unknown', hypervisorClocks: [] },
      booting: false,
      cgroup: 'v1',
      cpus: 2,
      memoryMiB: 24106,
      diskFreeMiB: 75054,
      diskSizeMiB: 258020,
      uid: 0,
      clockSkewMs: 250,
      clockUncertainMs: 50,
      addresses: [
        '127.0.0.1',
        '::1',
        '192.0.2.2',
        'fd00::2',
        'fe80::fc:ff:fe00:1',
        '10.88.0.1',
        'fe80::8868:32ff:fe10:1b8c',
        'fe80::e068:f2ff:fe9e:87',
        'fe80::18d5:a4ff:fede:d18c',
        'fe80::1469:faff:fe2e:ee86',
      ],
      defaultAddress: '192.0.2.2',
      defaultInterface: 'eth0',
      interfaces: expect.arrayContaining([
        { name: 'eth0', mtu: 1400, addresses: ['192.0.2.2', 'fd00::2', 'fe80::fc:ff:fe00:1'] },
      ]),
      machineId: '00000000000000000000000000000012',
      productUuid: '',
      macs: [
        'ce:0c:9a:e5:ec:d9',
        '7e:3c:4d:fa:ca:d9',
        '02:fc:00:00:00:01',
        '16:69:fa:2e:ee:86',
        'e2:68:f2:9e:00:87',
        '1a:d5:a4:de:d1:8c',
        '16:69:fa:2e:ee:86',
      ],
      resolvedActive: false,
      nameservers: [],
      caDirectories: ['/etc/ssl/certs'],
      kubernetes: false,
      ownUnits: [],
      listening: [2024],
      // captured before these were asked for
      cgroupControllers: [],
      missingModules: [],
      lacksForDownloads: [],
      downloads: [],
      nodeParts: [],
      unreadRepositories: [],
      swaps: [],
    })
  })

  it('believes names alone that a repository of kubestrap can have', () => {
    const { unreadRepositories } = parseFacts(
      `${debian}\n@unread-repositories\nkubestrap-docker\nkubestrap-docker.new\nkubestrap-/../../x\nother\n`,
      asked,
    )
    expect(unreadRepositories).toEqual(['kubestrap-docker'])
  })

  it('reads interfaces, controllers and modules of a lab machine', () => {
    expect(parseFacts(lab, asked)).toMatchObject({
      defaultInterface: 'host0',
      interfaces: [
        { name: 'lo', mtu: 65536, addresses: ['127.0.0.1', '::1'] },
        { name: 'host0', mtu: 1500, addresses: ['10.94.0.11', 'fe80::1896:15ff:fe6e:72f1'] },
      ],
      cgroup: 'v1',
      cgroupControllers: expect.arrayContaining([
        'cpu',
        'cpuacct',
        'cpuset',
        'devices',
        'freezer',
        'memory',
        'pids',
      ]),
      missingModules: [],
      swaps: [],
    })
  })

  it('leaves out a controller that the kernel command line turned off (a Raspberry Pi as it comes)', () => {
    const off = `${debian}\n@controllers\ncpu\t2\t60\t1\nmemory\t0\t107\t0\n`
    expect(parseFacts(off, asked).cgroupControllers).toEqual(['cpu'])
  })

  it('reads controllers of version 2, which needs none for devices and freezing', () => {
    const two = `${having('cgroup', 'cgroup2fs')}\n@controllers\ncpuset cpu io memory pids\n`
    expect(parseFacts(two, asked).cgroupControllers).toEqual([
      'cpuset',
      'cpu',
      'io',
      'memory',
      'pids',
      'devices',
      'freezer',
    ])
    expect(parseFacts(having('cgroup', 'cgroup2fs'), asked).cgroupControllers).toEqual([])
  })

  it('lists what is swapped to', () => {
    const rows = 'Filename\tType\tSize\n/dev/zram0  partition 1 0 100\n/swap.img file 2 0 -2'
    expect(parseFacts(`${debian}\n@swaps\n${rows}\n`, asked).swaps).toEqual(['/dev/zram0', '/swap.img'])
  })

  it.each([
    ['x86_64', 'amd64'],
    ['aarch64', 'arm64'],
    ['riscv64', 'riscv64'],
  ])('calls %s as Go does: %s', (machine, arch) => {
    expect(parseFacts(having('arch', machine), asked).arch).toBe(arch)
  })

  it('tells cgroup v2 and systemd', () => {
    expect(parseFacts(having('cgroup', 'cgroup2fs'), asked).cgroup).toBe('v2')
    expect(parseFacts(having('init', 'systemd'), asked).init).toBe('systemd')
  })

  it('takes the first os-release, with or without quotes', () => {
    const os = 'ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\nID=other'
    expect(parseFacts(having('os', os), asked).os).toMatchObject({
      id: 'rocky',
      like: ['rhel', 'centos', 'fedora'],
      version: '9.4',
    })
  })

  it('lists each listening port once, of both families, and no established connection', () => {
    const rows = [
      '   0: 00000000:192B 00000000:0000 0A 0:0',
      '   1: 00000000000000000000000000000000:192B 00000000000000000000000000000000:0000 0A 0:0',
      '   2: 0100007F:0016 00000000:0000 0A 0:0',
      '   3: 0100007F:C8A8 0100007F:0016 01 0:0',
    ]
    expect(parseFacts(having('listening', rows.join('\n')), asked).listening).toEqual([22, 6443])
  })

  it('lists the units of ours that start at boot', () => {
    const said = '@own-units\nkubestrap-haproxy.service\nkubestrap-keepalived.service\n'
    expect(parseFacts(said, asked).ownUnits).toEqual([
      'kubestrap-haproxy.service',
      'kubestrap-keepalived.service',
    ])
  })

  it('lists what is missing to download with', () => {
    expect(parseFacts('@lacks-for-downloads\ncurl\nca-certificates\n', asked).lacksForDownloads).toEqual([
      'curl',
      'ca-certificates',
    ])
  })

  it('names what was downloaded', () => {
    expect(parseFacts('@downloads\ncniPlugins\ncontainerd\n@swaps\n', asked).downloads).toEqual([
      'cniPlugins',
      'containerd',
    ])
  })

  it('counts no interface of containers as the machine’s own', () => {
    const links = ['docker0', 'veth12ab@if2', 'cni0', 'flannel.1', 'br-1f', 'cali7@if3', 'eth0'].map(
      (name, i) => `${i}: ${name}: <UP> mtu 1500\\    link/ether 02:00:00:00:00:0${i} brd ff:ff:ff:ff:ff:ff`,
    )
    expect(parseFacts(having('links', links.join('\n')), asked).macs).toEqual(['02:00:00:00:00:06'])
  })

  it('says unknown or empty for what the machine did not tell, and never root', () => {
    expect(parseFacts('', asked)).toMatchObject({
      os: { id: 'unknown', name: 'unknown' },
      uid: -1,
      cpus: 0,
      memoryMiB: 0,
      defaultAddress: '',
      addresses: [],
      listening: [],
      kubernetes: false,
    })
  })
})
