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
import { killedRun } from '../support/killed-run.js'

const reason = whyNot()
const members = [e1, e2, e3]
const unit = 'kubestrap-etcd.service'
const host = (name: string, role: string): string =>
  `  ${name}: { address: ${machines[name]}, roles: [${role}] }\n`
/** Machines beside the lab's first control plane and worker, at the place of its second worker; no image of etcd, but what it is given instead. */
const withHosts = (text: string, lines: string, instead = ''): string =>
  text.replace(/^ {2}\S+w2: .*\n/m, lines).replace(/^ {2}imageTag: "3.*\n/m, instead)
const whole = host(cp2, 'control-plane') + members.map((name) => host(name, 'etcd')).join('')

// One cluster; the tests build on one another. Its endpoint is its first control plane.
describe.skipIf(reason !== undefined)(
  `etcd on hosts of its own${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let file = ''

    beforeAll(async () => {
      file = inventory('external-etcd', (text) => withHosts(text, whole, '  install: package\n'))
      await startLab(file)
    })
    afterAll(() => kubestrap('lab', 'down', '-i', file))

    const expectWhole = async (): Promise<void> => {
      const { etcd, etcdLoss, drift } = await statusTold(file)
      expect(etcd.map(({ name }) => name).sort()).toEqual(members)
      expect(etcd.map(({ state }) => state).sort()).toEqual(['follower', 'follower', 'leader'])
      expect(etcdLoss).toBe('quorum 2 of 3: one more may fail')
      expect(drift).toBe(0)
    }
    const kubectl = (machine: string, command: string): Promise<string> =>
      on(machine, `kubectl --kubeconfig /etc/kubernetes/admin.conf ${command}`)
    /** Hexadecimal ids by member name, as etcdctl in a login shell of a machine tells them. */
    const ids = async (machine: string): Promise<ReadonlyMap<string, string>> => {
      const listed = await on(machine, 'bash -lc "etcdctl member list"')
      return new Map(
        listed
          .trim()
          .split('\n')
          .map((line): [string, string] => {
            const [id = '', , name = ''] = line.split(', ')
            return [name, id]
          }),
      )
    }

    test('killed while its members start for the first time, the next run goes on; the one after changes nothing', async () => {
      const run = await killedRun(['up', '-i', file, '--no-verify'], {
        step: new RegExp(`^${e2}/service:${unit}$`),
        ms: 300,
      })
      expect(run.killed).toBe(true)
      await upChanged(file)
      await expectWhole()
      expect(await upChanged(file)).toEqual([])
      expect((await kubestrap('verify', '-i', file)).code).toBe(0)
    })

    test('keys are where they must be, and data are for root alone', async () => {
      const files = (name: string) =>
        on(name, 'cd /etc/kubernetes/pki && find . -path "*etcd*" -type f | sort')
      for (const name of [cp1, cp2])
        expect((await files(name)).trim().split('\n')).toEqual([
          './apiserver-etcd-client.crt',
          './apiserver-etcd-client.key',
          './etcd/ca.crt',
        ])
      expect(await files(w1)).toBe('')
      for (const name of members)
        expect(await on(name, 'stat -c "%a %U" /var/lib/etcd /etc/kubernetes/pki/etcd/*.key')).toBe(
          '700 root\n600 root\n600 root\n600 root\n600 root\n',
        )
      const servers = members.map((name) => `https://${machines[name]}:2379`).join(',')
      for (const name of [cp1, cp2])
        expect(await on(name, 'cat /etc/kubernetes/manifests/kube-apiserver.yaml')).toContain(
          `--etcd-servers=${servers}\n`,
        )
      expect((await ids(e2)).size).toBe(3)
    })

    test('without one member, the leader, the API goes on; up brings it back', async () => {
      const { etcd } = await statusTold(file)
      const leader = etcd.find(({ state }) => state === 'leader')?.name ?? ''
      await on(leader, `systemctl stop ${unit}`)
      await kubectl(cp2, '-n default create configmap written --from-literal=while=away')
      expect(await kubectl(cp1, '-n default get configmap written -o jsonpath={.data.while}')).toBe('away')
      expect((await statusTold(file)).etcdLoss).toBe(
        'quorum 2 of 3, 2 answer: none may fail, one more and nothing can be written',
      )
      expect(await upChanged(file, '--no-verify')).toEqual([`${leader}/service:${unit}`])
      await expectWhole()
    })

    test('none is taken out while another is away', async () => {
      await on(e3, `systemctl stop ${unit}`)
      const reset = await kubestrap('reset', '-i', file, '--yes', e2)
      expect(reset.code).not.toBe(0)
      expect(reset.stderr).toContain(`without ${e2} a write needs 2 of 2, and 1 would answer (not ${e3})`)
      expect((await ids(e1)).size).toBe(3)
      await on(e3, `systemctl start ${unit}`)
    })

    test('a member whose data are gone is replaced', async () => {
      const before = await ids(e1)
      await on(e3, `systemctl stop ${unit}; rm -rf /var/lib/etcd/member; systemctl start --no-block ${unit}`)
      await upChanged(file, '--no-verify')
      const after = await ids(e1)
      expect(after.get(e3)).not.toBe(before.get(e3))
      expect([after.get(e1), after.get(e2)]).toEqual([before.get(e1), before.get(e2)])
      await expectWhole()
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
until [ -e /run/asked ]; do kubectl --kubeconfig /etc/kubernetes/admin.conf get --raw /api/v1/namespaces/default >/dev/null 2>>/run/asking || echo failed >>/run/asking; sleep 0.2; done
X
: >/run/asking; setsid sh /run/asking.sh >/dev/null 2>&1 &`,
      )
      await upChanged(edited, '--no-verify')
      await on(cp1, ': >/run/asked')
      expect(await on(cp1, 'cat /run/asking')).toBe('')
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
      expect(await upChanged(edited, '--no-verify')).toEqual([])
      await upChanged(file, '--no-verify')
    })

    test('one of its hosts is taken out, and comes back', async () => {
      const reset = await kubestrap('reset', '-i', file, '--yes', '--packages', e1)
      expect(reset.code, reset.stderr).toBe(0)
      expect([...(await ids(e2)).keys()].sort()).toEqual([e2, e3])
      expect(
        await on(
          e1,
          'ls -d /etc/etcd /etc/kubernetes /etc/kubestrap /etc/profile.d/kubestrap* /etc/systemd/system/*etcd* /var/lib/etcd/* /var/lib/kubestrap /usr/bin/etcd 2>/dev/null; exit 0',
        ),
      ).toBe('')
      await upChanged(file, '--no-verify')
      await expectWhole()
      expect(await upChanged(file)).toEqual([])
    })

    test('another cluster uses it as an etcd that is there: nothing is installed on it', async () => {
      const reset = await kubestrap('reset', '-i', file, '--yes', cp1, cp2, w1)
      expect(reset.code, reset.stderr).toBe(0)
      await on(e1, `bash -lc 'etcdctl del --prefix ""'`)
      const pki = '/etc/kubernetes/pki/etcd'
      const theirs = inventory('etcd-that-is-there', (text) =>
        withHosts(text, host(cp2, 'control-plane')).replace(
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
      await upChanged(theirs)
      expect(await upChanged(theirs)).toEqual([])
      const { etcd, drift } = await statusTold(theirs)
      expect(etcd.map(({ name, version }) => `${name} ${version}`).sort()).toEqual(
        members.map((name) => `${name} 3.4.23`),
      )
      expect(drift).toBe(0)
      expect(await untouched()).toBe(before)
      const wrong = inventory('etcd-that-is-not-there', (text) =>
        withHosts(text, host(cp2, 'control-plane')).replace(
          /^etcd:\n/m,
          `etcd:\n  external: { endpoints: ["https://${machines[w1]}:2379"], ca: ext-ca.crt, cert: ext.crt, key: ext.key }\n`,
        ),
      )
      const refused = await kubestrap('preflight', '-i', wrong)
      expect(refused.code).toBe(4)
      expect(refused.stdout + refused.stderr).toMatch(/ExternalEtcdHealth|nothing listens at/)
      const gone = await kubestrap('reset', '-i', theirs, '--yes')
      expect(gone.code, gone.stderr).toBe(0)
      expect(await untouched()).toBe(before)
    })

    test('reset of all takes its hosts along', async () => {
      const reset = await kubestrap('reset', '-i', file, '--yes')
      expect(reset.code, reset.stderr).toBe(0)
      for (const name of members) {
        expect(
          await on(name, 'ls -A /var/lib/etcd; ls -d /etc/kubernetes /etc/etcd 2>/dev/null; exit 0'),
        ).toBe('')
        expect((await answerOf(name, `systemctl cat ${unit}`)).code).not.toBe(0)
      }
    })
  },
)
