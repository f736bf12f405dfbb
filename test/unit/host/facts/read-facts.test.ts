import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { readFacts } from '../../../../src/host/facts/read-facts.js'
import type { Host, Read } from '../../../../src/host/host.js'
import { shimmedHost } from '../../../support/shimmed-host.js'

/** A host that answers the facts script with one boot state after the other, and the wait with nothing. */
function booting(states: string[]): { host: Host; asked: string[] } {
  const asked: string[] = []
  const read: Host['read'] = async ({ script }: Read) => {
    asked.push(script.includes('--wait') ? 'wait' : 'facts')
    const text = script.includes('--wait') ? '' : `\n@state\n${states.shift()}\n@end\n`
    return { kind: 'exited', code: 0, stdout: Buffer.from(text), stderr: '' }
  }
  return { host: { name: 'cp1', read } as Host, asked }
}

test.each([
  ['running', ['facts']],
  ['degraded', ['facts']],
  ['', ['facts']], // another init, or none that answers
  ['starting', ['facts', 'wait', 'facts']],
  ['initializing', ['facts', 'wait', 'facts']],
])('a machine that is "%s" is asked: %j', async (state, expected) => {
  const { host, asked } = booting([state, 'running'])
  expect((await readFacts(host, () => 0, [])).booting).toBe(false)
  expect(asked).toEqual(expected)
})

test('a boot that does not end is not waited for twice', async () => {
  const { host, asked } = booting(['starting', 'starting'])
  expect((await readFacts(host, () => 0, [])).booting).toBe(true)
  expect(asked).toEqual(['facts', 'wait', 'facts'])
})

test('a clock that was read while the connection came about is read again, alone', async () => {
  const asked: string[] = []
  const read: Host['read'] = async ({ script }: Read) => {
    asked.push(script.startsWith('date') ? 'clock' : 'facts')
    const text = script.startsWith('date') ? '13.25\n' : '\n@time\n10.5\n@end\n'
    return { kind: 'exited', code: 0, stdout: Buffer.from(text), stderr: '' }
  }
  // three seconds for the first answer, a tenth of one for the second
  const times = [10_000, 13_000, 13_000, 13_100]
  const facts = await readFacts({ name: 'cp1', read } as Host, () => times.shift() ?? 0, [])
  expect(asked).toEqual(['facts', 'clock'])
  expect([facts.clockSkewMs, facts.clockUncertainMs]).toEqual([200, 50])
})

test.each([
  ['was sent lately', 12_900, '12.9', ['facts']],
  ['is near ours at the worst, whenever it was read', 10_000, '11.6', ['facts']],
  ['may be far from ours', 10_000, '14', ['facts', 'clock']],
])('a clock of which the question %s, is asked: %j', async (_, sentAt, time, expected) => {
  const asked: string[] = []
  const read: Host['read'] = async ({ script }: Read) => {
    asked.push(script.startsWith('date') ? 'clock' : 'facts')
    return { kind: 'exited', code: 0, stdout: Buffer.from(`\n@time\n${time}\n@end\n`), stderr: '', sentAt }
  }
  const times = [1_000, 13_000]
  await readFacts({ name: 'cp1', read } as Host, () => times.shift() ?? 13_000, [])
  expect(asked).toEqual(expected)
})

test('a clock that then cannot be read is no clock of 1970: the first reading stands', async () => {
  const read: Host['read'] = async ({ script }: Read) => {
    const ok = !script.startsWith('date')
    return {
      kind: 'exited',
      code: ok ? 0 : 127,
      stdout: Buffer.from(ok ? '\n@time\n14\n@end\n' : ''),
      stderr: '',
    }
  }
  const times = [10_000, 13_000, 13_000, 13_100]
  const facts = await readFacts({ name: 'cp1', read } as Host, () => times.shift() ?? 0, [])
  expect([facts.clockSkewMs, facts.clockUncertainMs]).toEqual([2_500, 1_500])
})

/** The facts of this computer, but for the programs named. */
async function factsWith(shims: Record<string, string>) {
  const host = shimmedHost('cp1', { systemctl: 'echo running', modprobe: ':', ...shims })
  try {
    return await readFacts(host, Date.now, [])
  } finally {
    host.remove()
  }
}

test('a df that fails is no disk without room, and none with', async () => {
  const df =
    'echo "Filesystem 1024-blocks Used Available Capacity Mounted on"; echo "/dev/sda1 9 9 2097152 9% /"'
  expect((await factsWith({ df })).diskFreeMiB).toBe(2048)
  await expect(factsWith({ df: 'echo "df: /var/lib: Stale file handle" >&2; exit 1' })).rejects.toMatchObject(
    {
      kind: 'connection',
      host: 'cp1',
      message: 'the facts are incomplete',
      why: expect.stringContaining('Stale file handle'),
    },
  )
})

test.each([
  [['curl', 'tar', 'gzip'], []],
  [['wget', 'gzip'], ['tar']],
  [['tar'], ['curl', 'gzip']],
])('with %j alone a host lacks %j to download with', async (there, lacking) => {
  const read: Host['read'] = async ({ script }: Read) => {
    // "command -v" of a host that has these alone
    const has = `command() { case " ${there.join(' ')} " in *" $2 "*) return 0 ;; esac; return 1; }\nsystemctl() { echo running; }\n`
    const { stdout } = spawnSync('sh', ['-c', `${has}${script}`, 'sh'])
    return { kind: 'exited', code: 0, stdout, stderr: '' }
  }
  const { lacksForDownloads } = await readFacts({ name: 'cp1', read } as Host, Date.now, [])
  expect(lacksForDownloads.filter((name) => name !== 'ca-certificates')).toEqual(lacking)
})

test('units of ours that start at boot are told, and no others', async () => {
  const wants = '/etc/systemd/system/multi-user.target.wants'
  const link = '-> /etc/systemd/system/x.service'
  const host = shimmedHost(
    'lb1',
    { systemctl: 'echo running', modprobe: ':' },
    {
      '/etc/os-release': 'ID=debian\n',
      '/etc/machine-id': 'one\n',
      '/etc/systemd/system/kubestrap-keepalived.service': '',
      [`${wants}/kubestrap-haproxy.service`]: link,
      [`${wants}/haproxy.service`]: link,
    },
  )
  try {
    // the rest of the facts is not of this host
    const { script } = await asked(host)
    const { stdout } = await host.read({ script: script.replace(/\|\| exit 1/g, '') })
    expect(stdout.toString()).toContain('\n@own-units\nkubestrap-haproxy.service\n\n@')
  } finally {
    host.remove()
  }
})

/** The script by which facts are read. */
async function asked(host: Host): Promise<Read> {
  const questions: Read[] = []
  const read: Host['read'] = async (question) => {
    questions.push(question)
    return { kind: 'exited', code: 0, stdout: Buffer.from('\n@end\n'), stderr: '' }
  }
  await readFacts({ ...host, read }, Date.now, [])
  const [first] = questions
  if (!first) throw new Error('nothing was asked')
  return first
}

test.each([
  ['echo inactive; echo active; exit 3', ['ufw']],
  ['echo active; echo inactive; exit 3', ['firewalld']],
  ['echo inactive; echo inactive; exit 3', []],
  ['exit 1', 'unknown'],
  ['echo active; exit 1', 'unknown'],
])('firewalls where systemctl does "%s": %j', async (says, expected) => {
  const host = shimmedHost('w1', { systemctl: `[ "$1" = is-active ] || exit 0; ${says}` })
  try {
    expect((await readFacts(host, () => Date.now(), [])).firewalls).toEqual(expected)
  } finally {
    host.remove()
  }
})
