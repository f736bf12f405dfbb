import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { NotYet } from '../../../src/engine/late.js'
import { readFacts } from '../../../src/host/facts/read-facts.js'
import { UserError } from '../../../src/lib/errors.js'
import { repository as apt, readRepository as readByApt } from '../../../src/os/apt/repository.js'
import { debian } from '../../../src/os/debian.js'
import { repository as dnf } from '../../../src/os/dnf/repository.js'
import { rhelLike } from '../../../src/os/rhel.js'
import { zypper } from '../../../src/os/zypper/zypper.js'
import { repositories } from '../../../src/phases/repositories.js'
import { repository } from '../../../src/resources/repository.js'
import { unseen } from '../../support/apply-now.js'
import { contextOf, machine } from '../../support/context.js'
import { type FakeHost, fakeHost } from '../../support/fake-host.js'
import { shimmedHost } from '../../support/shimmed-host.js'

const wish = {
  name: 'docker',
  url: 'https://download.example.com/linux',
  suite: 'bookworm',
  components: ['stable'],
  signedLists: true,
}

describe('a repository is', () => {
  test('for apt a deb822 file with the one key that counts for it', () => {
    expect(apt(wish)).toEqual({
      id: 'kubestrap-docker',
      key: '/etc/apt/keyrings/kubestrap-docker.asc',
      definition: {
        path: '/etc/apt/sources.list.d/kubestrap-docker.sources',
        content: `Types: deb
URIs: https://download.example.com/linux
Suites: bookworm
Components: stable
Signed-By: /etc/apt/keyrings/kubestrap-docker.asc
`,
      },
      besides: [],
    })
    expect(apt({ ...wish, suite: 'deb/', components: [] }).definition.content).not.toContain('Components')
  })

  test('for dnf and zypper a .repo file whose packages, and lists, must be signed', () => {
    expect(dnf(wish).definition).toEqual({
      path: '/etc/yum.repos.d/kubestrap-docker.repo',
      content: `[kubestrap-docker]
name=docker
baseurl=https://download.example.com/linux
enabled=1
gpgcheck=1
repo_gpgcheck=1
gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-kubestrap-docker
`,
    })
    const unsigned = dnf({ ...wish, signedLists: false }).definition.content
    expect(unsigned).toContain('gpgcheck=1\nrepo_gpgcheck=0\n')
    const { path, content } = zypper.repository(wish).definition
    expect(path).toBe('/etc/zypp/repos.d/kubestrap-docker.repo')
    expect(content).toContain('autorefresh=1\ntype=rpm-md\ngpgcheck=1\nrepo_gpgcheck=1\n')
  })
})

describe('a repository of a server with a private authority', () => {
  const private_ = { ...wish, url: 'https://mirror.test:8443/linux', ca: 'PEM\n' }

  test('has for apt that authority for that server alone', () => {
    expect(apt(private_).besides).toEqual([
      { path: '/etc/apt/keyrings/kubestrap-docker-ca.pem', content: 'PEM\n' },
      {
        path: '/etc/apt/apt.conf.d/90kubestrap-docker',
        content: 'Acquire::https::mirror.test::CAInfo "/etc/apt/keyrings/kubestrap-docker-ca-all.pem";\n',
      },
    ])
  })

  test('has for dnf that authority in its definition', () => {
    const { definition, besides } = dnf(private_)
    expect(besides).toEqual([{ path: '/etc/pki/tls/certs/kubestrap-docker-ca.pem', content: 'PEM\n' }])
    expect(definition.content).toContain('\nsslcacert=/etc/pki/tls/certs/kubestrap-docker-ca-all.pem\n')
  })
})

test('a server with a private authority is known by it and by the authorities of the host', async () => {
  const own = { '/etc/pki/tls/certs/ca-bundle.crt': 'HOST' }
  const host = shimmedHost('w1', { rpm: ':', dnf: ':' }, own)
  const directory = join(host.root, '/etc/pki/tls/certs')
  const step = repository(host, rhelLike, { ...wish, ca: 'PEM\n' }, 'KEY\n')
  writeFileSync(join(directory, 'kubestrap-docker-ca.pem'), 'PEM\n')
  const told = step.diff(await step.probe()).map(({ summary }) => summary)
  expect(told).toContain('write /etc/pki/tls/certs/kubestrap-docker-ca-all.pem')
  await step.apply([], unseen)
  const text = readFileSync(join(directory, 'kubestrap-docker-ca-all.pem'), 'utf8')
  host.remove()
  expect(text).toMatch(/^HOST\nPEM\n$/)
})

test('its key is trusted before its file is there, and its lists are read last', async () => {
  const host = fakeHost('w1')
  const step = repository(host, rhelLike, wish, 'KEY\n')
  const changes = step.diff(await step.probe())
  expect(changes.map(({ summary }) => summary)).toEqual([
    'trust /etc/pki/rpm-gpg/RPM-GPG-KEY-kubestrap-docker for repository docker',
    'add repository docker (https://download.example.com/linux)',
  ])
  await step.apply(changes, unseen)
  expect(host.done).toEqual([
    'mutate keep what is there before repository docker',
    'write /etc/pki/rpm-gpg/RPM-GPG-KEY-kubestrap-docker',
    'mutate trust the key of repository docker',
    'write /etc/yum.repos.d/kubestrap-docker.repo',
    'mutate read repository docker',
  ])
  expect(step.diff(await step.probe())).toEqual([])
})

test('it is taken back when it cannot be read or its time is over, and what failed is told', async () => {
  const host = fakeHost('w1', {
    onMutate: ({ what }) => {
      if (what !== 'read repository docker') return undefined
      throw new UserError('step', 'read repository docker: killed by TIMEOUT', { host: 'w1', why: 'silence' })
    },
  })
  const step = repository(host, debian, wish, 'KEY\n')
  await expect(step.apply(step.diff(await step.probe()), unseen)).rejects.toMatchObject({
    kind: 'step',
    host: 'w1',
    message: 'read repository docker: killed by TIMEOUT',
    why: 'silence',
    next: 'check https://download.example.com/linux, what it is signed with, and that the host reaches it; the repository was removed from the host again; one of that name that was there before is there as it was',
  })
  expect(host.done.at(-1)).toBe('mutate remove repository docker again')
})

test.each([
  [
    'it was not begun',
    ['keep what is there before repository docker'],
    'nothing of the repository was added',
  ],
  [
    'it cannot be taken back',
    ['read repository docker', 'remove repository docker again'],
    'an unread repository may be left on the host: the next run takes it back',
  ],
  [
    'neither began nor came back what was unread before',
    ['keep what is there before repository docker', 'remove repository docker again'],
    'an unread repository may be left on the host: the next run takes it back',
  ],
])('that nothing of it is left is not said where %s', async (_, failing, left) => {
  const host = fakeHost('w1', {
    onMutate: ({ what = '' }) => {
      if (!failing.includes(what)) return undefined
      throw new UserError('step', `${what}: failed with exit code 1`, { host: 'w1' })
    },
  })
  const step = repository(host, debian, wish, 'KEY\n')
  await expect(step.apply(step.diff(await step.probe()), unseen)).rejects.toMatchObject({
    message: `${failing[0]}: failed with exit code 1`,
    next: `check ${wish.url}, what it is signed with, and that the host reaches it; ${left}`,
  })
})

test('one that was not read, and is no longer wanted, is taken back with its key, and what was there before is there again', async () => {
  const unread = '/var/lib/kubestrap/unread'
  const host = shimmedHost(
    'w1',
    {
      rpm: 'case $1 in -qa) [ -e "$SHIMS/distrusted" ] || echo gpg-pubkey-1-2 ;; -e) echo "$4" >"$SHIMS/distrusted" ;; esac',
    },
    {
      '/etc/yum.repos.d/kubestrap-gone.repo': 'GONE',
      '/etc/yum.repos.d/kubestrap-old.repo': 'NEW',
      [`${unread}/kubestrap-gone/paths`]: '/etc/yum.repos.d/kubestrap-gone.repo\n',
      [`${unread}/kubestrap-gone/keys`]: 'gpg-pubkey-1-2\n',
      [`${unread}/kubestrap-old/paths`]: '/etc/yum.repos.d/kubestrap-old.repo\n',
      [`${unread}/kubestrap-old/1`]: 'OLD',
      [`${unread}/kubestrap-docker/paths`]: '/etc/yum.repos.d/kubestrap-docker.repo\n',
    },
  )
  const at = (path: string): string => join(host.root, path)
  const stat: FakeHost['stat'] = async (path) =>
    existsSync(at(path)) ? { kind: 'directory', mode: '0700', owner: 'root:root' } : { kind: 'absent' }
  try {
    const facts = await readFacts(host, Date.now, [])
    expect(facts.unreadRepositories).toEqual(['kubestrap-docker', 'kubestrap-gone', 'kubestrap-old'])
    const own = { ...wish, key: 'k', at: 'i.yaml:1:1' }
    const w1 = machine({ os: { like: undefined, hold: false, repositories: [own] } }, facts)
    const steps = repositories
      .steps(
        contextOf([{ ...w1, os: rhelLike, host: { ...host, stat } }], {
          repositoryKeys: new Map([['k', 'KEY\n']]),
        }),
      )
      .filter(({ id }) => id !== 'repository:docker')
    expect(steps.map(({ id }) => id)).toEqual([
      'unwanted-repository:kubestrap-gone',
      'unwanted-repository:kubestrap-old',
    ])
    for (const step of steps) await step.apply(step.diff(await step.probe()), unseen)
    for (const step of steps) expect(step.diff(await step.probe())).toEqual([])
    expect(readdirSync(at('/etc/yum.repos.d'))).toEqual(['kubestrap-old.repo'])
    expect(readFileSync(at('/etc/yum.repos.d/kubestrap-old.repo'), 'utf8')).toBe('OLD')
    expect(readdirSync(at(unread))).toEqual(['kubestrap-docker'])
    expect(readFileSync(at('../distrusted'), 'utf8')).toBe('gpg-pubkey-1-2\n')
  } finally {
    host.remove()
  }
})

test('one that a run was cut over before it was read is begun anew', async () => {
  const { key, definition } = debian.repository(wish)
  const files = { [key]: 'KEY\n', [definition.path]: definition.content }
  const unread = { '/var/lib/kubestrap/unread/kubestrap-docker': '' }
  const changes = async (more: Record<string, string>) => {
    const step = repository(fakeHost('w1', { files: { ...files, ...more } }), debian, wish, 'KEY\n')
    return step.diff(await step.probe()).map(({ summary }) => summary)
  }
  expect(await changes({})).toEqual([])
  expect(await changes(unread)).toEqual(['read repository docker, which an earlier run did not get to'])
})

test('another key or another URL is a change', async () => {
  const { key, definition } = debian.repository(wish)
  const host = fakeHost('w1', { files: { [key]: 'KEY\n', [definition.path]: definition.content } })
  const changes = async (over: Partial<typeof wish>, text: string) => {
    const step = repository(host, debian, { ...wish, ...over }, text)
    return step.diff(await step.probe()).map(({ subjects }) => subjects?.[0])
  }
  expect(await changes({}, 'KEY\n')).toEqual([])
  expect(await changes({}, 'OTHER\n')).toEqual(['key'])
  expect(await changes({ url: 'https://mirror.example.com' }, 'KEY\n')).toEqual(['definition'])
})

describe("apt reads a repository's lists", () => {
  async function read(body: string) {
    const host = shimmedHost('w1', { 'apt-get': body, sleep: ':' })
    try {
      const { code, stderr } = await host.read({ script: readByApt, args: ['kubestrap-docker', 'KEY'] })
      return { code, stderr: stderr.trim() }
    } finally {
      host.remove()
    }
  }

  test('by themselves', async () => {
    const wanted =
      '*sourcelist=/etc/apt/sources.list.d/kubestrap-docker.sources*sourceparts=-*List-Cleanup=0*'
    expect((await read(`case "$*" in ${wanted}) exit 0 ;; esac; exit 9`)).code).toBe(0)
  })

  test('when another apt lets go of them, which is waited for with an end', async () => {
    const lock = 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)'
    const later =
      'n=$(cat "$SHIMS/n" 2>/dev/null || echo 0); echo $((n + 1)) >"$SHIMS/n"; [ $n -lt 3 ] || exit 0'
    expect((await read(`${later}\necho "${lock}" >&2; exit 100`)).code).toBe(0)
    expect(await read(`echo "${lock}" >&2; exit 100`)).toEqual({ code: 1, stderr: lock })
  })

  test('or says why not: a signature by another key, a server that is not there', async () => {
    const unsigned = "E: The repository 'https://download.example.com bookworm InRelease' is not signed."
    expect(await read(`echo "${unsigned}" >&2; exit 100`)).toEqual({ code: 1, stderr: unsigned })
    const away = 'W: Failed to fetch https://download.example.com/dists/bookworm/InRelease  Could not resolve'
    expect(await read(`echo "${away}" >&2; exit 0`)).toEqual({ code: 1, stderr: away })
  })

  test('once, where a name has "lock" in it and nobody has a lock', async () => {
    const away = 'E: Failed to fetch https://blockstore.example.com/dists/bookworm/InRelease  404  Not Found'
    const later =
      'n=$(cat "$SHIMS/n" 2>/dev/null || echo 0); echo $((n + 1)) >"$SHIMS/n"; [ $n -lt 1 ] || exit 0'
    expect(await read(`${later}\necho "${away}" >&2; exit 100`)).toEqual({ code: 1, stderr: away })
  })
})

test('whose key is not known yet is told where it is not there, and otherwise not judged', async () => {
  const told = async (files: Record<string, string>) => {
    const step = repository(fakeHost('w1', { files }), debian, wish, undefined)
    return step.diff(await step.probe()).map(({ summary }) => summary)
  }
  expect(await told({})).toContain('add repository docker (https://download.example.com/linux)')
  await expect(told({ '/etc/apt/keyrings/kubestrap-docker.asc': 'KEY' })).rejects.toEqual(
    new NotYet('the key of repository docker'),
  )
})
