import { afterEach, describe, expect, test } from 'vitest'
import { nodeEvidence } from '../../../src/cluster/evidence.js'
import { diagnose } from '../../../src/diagnose/diagnose.js'
import { docker } from '../../../src/runtimes/docker/docker.js'
import { contextOf, machine } from '../../support/context.js'
import { shimmedHost } from '../../support/shimmed-host.js'

const ago = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString()

/** A container as `docker inspect` is asked to print it. */
const ended = (name: string, seconds: number, code = 1): string =>
  `${name} uid ${name}-${seconds} ended ${code} ${ago(seconds + 1)} ${ago(seconds)}`
const running = (name: string, seconds: number): string =>
  `${name} uid ${name}-up running 0 ${ago(seconds)} 0001-01-01T00:00:00Z`

const hosts: { remove(): void }[] = []
afterEach(() => {
  for (const host of hosts.splice(0)) host.remove()
})

/** What a machine tells whose Docker has these containers, the newest first. */
async function evidence(
  listed: readonly string[],
  {
    ageMs = 60_000,
    containers,
    logs = 'Error: unknown flag: --proofiling',
  }: { ageMs?: number; containers?: string[]; logs?: string } = {},
): Promise<string> {
  const host = shimmedHost('cp1', {
    docker: `case "$1" in
ps) echo ids ;;
inspect) cat <<'END'
${listed.join('\n')}
END
;;
logs) echo '${logs}' ;;
esac`,
    ss: 'exit 0',
    df: 'exit 0',
    systemctl: 'echo NRestarts=0',
    // all that it is asked for is the time from which
    journalctl: `echo "E1128 10:00:00.1  1 x.go:1] asked: $4"`,
  })
  hosts.push(host)
  const one = { ...machine({ name: 'cp1' }), host }
  return nodeEvidence(contextOf([one], { runtime: docker }), one, {
    ageMs,
    ...(containers ? { containers } : {}),
  })
}

describe('evidence of a failure', () => {
  test('is a container that ended during the run', async () => {
    const told = await evidence([ended('kube-apiserver', 20)])
    expect(told).toMatch(/^container kube-apiserver: Exited \(1\) at /m)
    expect(diagnose(told)?.cause).toBe('--proofiling is no flag of this version')
  })

  // seen: the next run was told the flag of the run before, while a cgroup driver kept all containers from starting
  test('is not what ended before the run: that is named, and is no cause', async () => {
    const told = await evidence([ended('kube-apiserver', 120)])
    expect(told).toMatch(
      /^kube-apiserver is not running; its last container ended before, with exit code 1 at /m,
    )
    expect(diagnose(told)).toBeUndefined()
  })

  // seen: two runs at once, and the restart of the one was the "wrong flag" of the other
  test('is not a container that nobody waited for', async () => {
    const told = await evidence([ended('kube-scheduler', 10), ended('kube-apiserver', 10)], {
      containers: ['kube-apiserver'],
    })
    expect(told).not.toContain('kube-scheduler')
    expect(told).toContain('container kube-apiserver: Exited')
    expect(await evidence([ended('kube-scheduler', 10)], { containers: [] })).not.toContain('container ')
  })

  test('is nothing of a container whose successor has run for half a minute', async () => {
    expect(await evidence([running('etcd', 40), ended('etcd', 41)])).not.toContain('Exited')
    expect(await evidence([running('etcd', 4), ended('etcd', 5)])).toContain('container etcd: Exited')
    expect(await evidence([running('etcd', 4), ended('etcd', 500)])).not.toContain('etcd is not running')
  })

  test('has the last words of containers at its end, and of the kubelet no more than the run had', async () => {
    const lines = (await evidence([ended('etcd', 5)], { ageMs: 10_000 })).trim().split('\n')
    expect(lines.at(-1)).toBe('etcd: Error: unknown flag: --proofiling')
    const from = Number(/asked: @(\d+)/.exec(lines.join('\n'))?.[1])
    expect(Date.now() / 1000 - from).toBeLessThan(20)
  })

  test('has what ended last at its end, and the complaints of what runs before it', async () => {
    const told = await evidence(
      [ended('kube-apiserver', 5), running('etcd', 20), ended('kube-scheduler', 9)],
      {
        logs: 'F1128 10:00:00 words',
      },
    )
    expect(told.match(/^(?:container )?(?:etcd|kube-\w+)(?=:)/gm)).toEqual([
      'etcd',
      'container kube-scheduler',
      'kube-scheduler',
      'container kube-apiserver',
      'kube-apiserver',
    ])
  })

  test.each([
    ['KS0504', '{"level":"warn","msg":"request cluster ID mismatch"}'],
    [
      'KS0501',
      '2026-11-29 12:12:42 W | etcdserver/api/etcdhttp: /health error due to memberID:98 alarm:NOSPACE',
    ],
  ])('is what etcd only warns of: %s', async (code, logs) => {
    expect(diagnose(await evidence([running('etcd', 40)], { logs }))?.code).toBe(code)
  })

  test('says when the runtime does not list its containers', async () => {
    const host = shimmedHost('cp1', {
      docker: 'exit 1',
      ss: 'exit 0',
      df: 'exit 0',
      systemctl: 'exit 0',
      journalctl: 'exit 0',
    })
    hosts.push(host)
    const one = { ...machine({ name: 'cp1' }), host }
    const told = await nodeEvidence(contextOf([one], { runtime: docker }), one, { ageMs: 1000 })
    expect(told).toContain('the container runtime did not list its containers')
  })
})
