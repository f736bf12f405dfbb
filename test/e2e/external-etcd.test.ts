import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startLab, upChanged } from '../support/e2e-cluster.js'
import { cp1, cp2, e2, kubestrap, machines, on, w1, whyNot } from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import { expectWholeEtcd, externalEtcd, memberIds, members, unit } from '../support/external-etcd.js'
import { killedRun } from '../support/killed-run.js'

const reason = whyNot()

// What such a cluster does later is in test/long.
describe.skipIf(reason !== undefined)(
  `etcd on hosts of its own${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let file = ''

    beforeAll(async () => {
      file = externalEtcd()
      await startLab(file)
    })
    afterAll(() => kubestrap('lab', 'down', '-i', file))

    test('killed while its members start for the first time, the next run goes on; the one after changes nothing', async () => {
      const run = await killedRun(['up', '-i', file, '--no-verify'], {
        step: new RegExp(`^${e2}/service:${unit}$`),
        ms: 300,
      })
      expect(run.killed).toBe(true)
      await upChanged(file)
      await expectWholeEtcd(file)
      expect(await upChanged(file)).toEqual([])
      expectCode(await kubestrap('verify', '-i', file), 0)
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
      expect((await memberIds(e2)).size).toBe(3)
    })
  },
)
