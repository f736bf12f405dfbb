import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startLab, statusTold, upChanged } from '../support/e2e-cluster.js'
import {
  cp1,
  cp2,
  cp3,
  directory,
  inventory,
  kubestrap,
  machines,
  on,
  run,
  whyNot,
} from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'

const reason = whyNot()
const planes = [cp1, cp2, cp3]

// Three control planes, each an etcd member; the first, which is also the endpoint, is lost and replaced.
describe.skipIf(reason !== undefined)(
  `a control plane that is lost${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let file = ''

    beforeAll(async () => {
      file = inventory('replace', (text) =>
        text
          .replace(/^ {2}\S+w2: .*\n/m, '')
          .replace(
            /^ {2}\S+w1: .*\n/m,
            [cp2, cp3]
              .map((name) => `  ${name}: { address: ${machines[name]}, roles: [control-plane] }\n`)
              .join(''),
          ),
      )
      await startLab(file)
      await upChanged(file, '--no-verify')
    })
    afterAll(() => kubestrap('lab', 'down', '-i', file))

    const lost = async (): Promise<void> => {
      await kubestrap('lab', 'kill', '-i', file, cp1)
      const living = await kubestrap('remove', '-i', file, '-o', 'plain', '--yes', cp1)
      expect([living.code, living.stderr]).toEqual([
        5,
        expect.stringContaining(`kubestrap remove --gone ${cp1}`),
      ])
      const ran = await kubestrap('remove', '-i', file, '-o', 'plain', '--yes', '--gone', cp1)
      expect(ran.code, ran.stdout + ran.stderr).toBe(0)
      expect(ran.stdout).toContain(`${cp1} is where the nodes find the API`)
      const names = await on(cp2, `kubectl --server https://${machines[cp2]}:6443 get nodes -o name`)
      expect(names.trim().split('\n').sort()).toEqual([`node/${cp2}`, `node/${cp3}`])
    }
    const whole = async (): Promise<void> => {
      await upChanged(file, '--no-verify')
      expect(await upChanged(file, '--no-verify')).toEqual([])
      const { etcd, etcdLoss, nodes } = await statusTold(file)
      expect(etcd.map(({ name }) => name).sort()).toEqual(planes)
      expect(etcdLoss).toBe('quorum 2 of 3: one more may fail')
      expect(nodes.map(({ name, status }) => `${name} ${status}`).sort()).toEqual(
        planes.map((name) => `${name} Ready`),
      )
      expectCode(await kubestrap('verify', '-i', file), 0)
    }

    test('comes back as a new machine of its name and address', async () => {
      await lost()
      const disk = join(directory, 'lab', 'machines', cp1)
      const gone = await run('sh', ['-c', 'umount -R "$1/root" && rm -rf "$1"', 'sh', disk])
      expectCode(gone, 0)
      expectCode(await kubestrap('lab', 'up', '-i', file), 0)
      await whole()
    })

    // up alone refuses the data of a member that is no more, and names the reset
    test('comes back with its old disk, and is reset first', async () => {
      await lost()
      expectCode(await kubestrap('lab', 'up', '-i', file), 0)
      const reset = await kubestrap('reset', '-i', file, '-o', 'plain', '--yes', cp1)
      expect(reset.code, reset.stdout + reset.stderr).toBe(0)
      await whole()
    })
  },
)
