import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startLab, statusTold, upChanged } from '../support/e2e-cluster.js'
import {
  answerOf,
  cp1,
  cp2,
  e1,
  e2,
  e3,
  inventory,
  kubestrap,
  machines,
  on,
  w1,
  whyNot,
} from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import {
  expectWholeEtcd,
  externalEtcd,
  hostLine,
  memberIds,
  members,
  unit,
  whole,
  withHosts,
} from '../support/external-etcd.js'

const reason = whyNot()

// One cluster; the tests build on one another. Its endpoint is its first control plane; its birth is in test/e2e.
describe.skipIf(reason !== undefined)(
  `etcd on hosts of its own, later${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let file = ''

    beforeAll(async () => {
      file = externalEtcd()
      await startLab(file)
      await upChanged(file, '--no-verify')
    })
    afterAll(() => kubestrap('lab', 'down', '-i', file))

    const kubectl = (machine: string, command: string): Promise<string> =>
      on(machine, `kubectl --kubeconfig /etc/kubernetes/admin.conf ${command}`)

    test('without one member, the leader, the API goes on; up brings it back', async () => {
      const { etcd } = await statusTold(file)
      const leader = etcd.find(({ state }) => state === 'leader')?.name ?? ''
      await on(leader, `systemctl stop ${unit}`)
      await kubectl(cp2, '-n default create configmap written --from-literal=while=away')
      expect(await kubectl(cp1, '-n default get configmap written -o jsonpath={.data.while}')).toBe('away')
      expect((await statusTold(file)).etcdLoss).toBe(
        'quorum 2 of 3, 2 answer: no member may fail without losing the quorum',
      )
      expect(await upChanged(file, '--no-verify', '--yes')).toEqual([`${leader}/service:${unit}`])
      await expectWholeEtcd(file)
    })

    test('none is taken out while another is away', async () => {
      await on(e3, `systemctl stop ${unit}`)
      const reset = await kubestrap('reset', '-i', file, '--yes', e2)
      expect(reset.code).not.toBe(0)
      expect(reset.stderr).toContain(`without ${e2} a write needs 2 of 2, and 1 would answer (not ${e3})`)
      expect((await memberIds(e1)).size).toBe(3)
      await on(e3, `systemctl start ${unit}`)
    })

    test('a member whose data are gone is replaced', async () => {
      const before = await memberIds(e1)
      await on(e3, `systemctl stop ${unit}; rm -rf /var/lib/etcd/member; systemctl start --no-block ${unit}`)
      await upChanged(file, '--no-verify', '--yes')
      const after = await memberIds(e1)
      expect(after.get(e3)).not.toBe(before.get(e3))
      expect([after.get(e1), after.get(e2)]).toEqual([before.get(e1), before.get(e2)])
      await expectWholeEtcd(file)
      expect(await upChanged(file)).toEqual([])
    })

    test('a changed flag, and another etcd, go from one member to the next, and the API is always there', async () => {
      // a release has the programs in a directory of its own; these are the package's
      const packed = await on(
        e1,
        'd=$(mktemp -d) && mkdir $d/etcd-v3.4.23-linux-amd64 && cp /usr/bin/etcd /usr/bin/etcdctl $d/etcd-* && tar -czC $d . | base64 -w0; rm -r $d',
      )
      const bytes = Buffer.from(packed, 'base64')
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      const edited = inventory('external-etcd-flag', (text) =>
        withHosts(text, whole).replace(
          /^etcd:\n/m,
          `etcd:\n  extraArgs: { heartbeat-interval: "150" }\n  tarball: { file: etcd.tar.gz, sha256: ${sha256} }\n`,
        ),
      )
      writeFileSync(edited.replace(/[^/]*$/, 'etcd.tar.gz'), bytes)
      await on(
        cp1,
        `cat >/run/asking.sh <<'X'
ask() { kubectl --kubeconfig /etc/kubernetes/admin.conf get --raw /api/v1/namespaces/default; }
# where the leader goes, what it was asked comes back as "leader changed", or as an answer of gRPC without its header from
# the member that ends: clients ask again at once, as controllers do
until [ -e /run/asked ]; do ask >/dev/null 2>/run/first || { cat /run/first >>/run/refused; ask >/dev/null 2>>/run/asking || echo failed >>/run/asking; }; sleep 0.2; done
X
: >/run/asking; : >/run/refused; setsid sh /run/asking.sh >/dev/null 2>&1 &`,
      )
      await upChanged(edited, '--no-verify', '--yes')
      await on(cp1, ': >/run/asked')
      expect(await on(cp1, 'cat /run/asking')).toBe('')
      expect(
        await on(
          cp1,
          'grep -v -e "etcdserver: leader changed" -e "transport: missing content-type field" /run/refused || :',
        ),
      ).toBe('')
      // of one kernel, as all of a lab's: microseconds at which each was started, and was ready
      const times = await Promise.all(
        members.map(async (name) => {
          const shown = await on(
            name,
            `systemctl show -p ExecMainStartTimestampMonotonic -p ActiveEnterTimestampMonotonic ${unit}`,
          )
          const at = (key: string): number =>
            Number(new RegExp(`^${key}TimestampMonotonic=(\\d+)$`, 'm').exec(shown)?.[1])
          return { started: at('ExecMainStart'), ready: at('ActiveEnter') }
        }),
      )
      const [first, second, third] = times.sort((one, other) => one.started - other.started)
      expect(second?.started).toBeGreaterThan(first?.ready ?? Number.NaN)
      expect(third?.started).toBeGreaterThan(second?.ready ?? Number.NaN)
      for (const name of members)
        expect(await on(name, `readlink /proc/$(systemctl show -p MainPID --value ${unit})/exe`)).toBe(
          '/usr/local/bin/etcd\n',
        )
      expect(await upChanged(edited, '--no-verify', '--yes')).toEqual([])
      await upChanged(file, '--no-verify', '--yes')
    })

    test('one of its hosts is taken out, and comes back', async () => {
      const reset = await kubestrap('reset', '-i', file, '--yes', '--packages', e1)
      expectCode(reset, 0)
      expect([...(await memberIds(e2)).keys()].sort()).toEqual([e2, e3])
      expect(
        await on(
          e1,
          'ls -d /etc/etcd /etc/kubernetes /etc/kubestrap /etc/profile.d/kubestrap* /etc/systemd/system/*etcd* /var/lib/etcd/* /var/lib/kubestrap /usr/bin/etcd 2>/dev/null; exit 0',
        ),
      ).toBe('')
      await upChanged(file, '--no-verify', '--yes')
      await expectWholeEtcd(file)
      expect(await upChanged(file)).toEqual([])
    })

    test('another cluster uses it as an etcd that is there: nothing is installed on it', async () => {
      const reset = await kubestrap('reset', '-i', file, '--yes', cp1, cp2, w1)
      expectCode(reset, 0)
      await on(e1, `bash -lc 'etcdctl del --prefix ""'`)
      const pki = '/etc/kubernetes/pki/etcd'
      const theirs = inventory('etcd-that-is-there', (text) =>
        withHosts(text, hostLine(cp2, 'control-plane')).replace(
          /^etcd:\n/m,
          `etcd:\n  external: { endpoints: [${members.map((name) => `"https://${machines[name]}:2379"`).join(', ')}], ca: ext-ca.crt, cert: ext.crt, key: ext.key }\n`,
        ),
      )
      for (const [name, path] of [
        ['ext-ca.crt', `${pki}/ca.crt`],
        ['ext.crt', `${pki}/healthcheck-client.crt`],
        ['ext.key', `${pki}/healthcheck-client.key`],
      ] as const)
        writeFileSync(theirs.replace(/[^/]*$/, name), await on(e1, `cat ${path}`), { mode: 0o600 })
      const untouched = (): Promise<string> =>
        on(e1, 'cat /var/lib/kubestrap/ledger; systemctl show -p NRestarts -p MainPID kubestrap-etcd')
      const before = await untouched()
      await upChanged(theirs, '--no-verify')
      expect(await upChanged(theirs)).toEqual([])
      const { etcd, drift } = await statusTold(theirs)
      expect(etcd.map(({ name, version }) => `${name} ${version}`).sort()).toEqual(
        members.map((name) => `${name} 3.4.23`),
      )
      expect(drift).toBe(0)
      expect(await untouched()).toBe(before)
      const wrong = inventory('etcd-that-is-not-there', (text) =>
        withHosts(text, hostLine(cp2, 'control-plane')).replace(
          /^etcd:\n/m,
          `etcd:\n  external: { endpoints: ["https://${machines[w1]}:2379"], ca: ext-ca.crt, cert: ext.crt, key: ext.key }\n`,
        ),
      )
      const refused = await kubestrap('preflight', '-i', wrong)
      expectCode(refused, 4)
      expect(refused.stdout + refused.stderr).toMatch(/ExternalEtcdHealth|nothing listens at/)
      const gone = await kubestrap('reset', '-i', theirs, '--yes')
      expectCode(gone, 0)
      expect(await untouched()).toBe(before)
    })

    test('reset of all takes its hosts along', async () => {
      const reset = await kubestrap('reset', '-i', file, '--yes')
      expectCode(reset, 0)
      for (const name of members) {
        expect(
          await on(name, 'ls -A /var/lib/etcd; ls -d /etc/kubernetes /etc/etcd 2>/dev/null; exit 0'),
        ).toBe('')
        expect((await answerOf(name, `systemctl cat ${unit}`)).code).not.toBe(0)
      }
    })
  },
)
