import { expect, it } from 'vitest'
import { ledgerFile } from '../../../../src/host/ledger-script.js'
import { readLedger } from '../../../../src/resources/ledger.js'
import { releasedContainerd } from '../../../../src/runtimes/containerd/released.js'
import { runtimeStoppedStep } from '../../../../src/steps/reset/runtime-stopped-step.js'
import { stoppedStep } from '../../../../src/steps/reset/stopped-step.js'
import { unseen } from '../../../support/apply-now.js'
import { contextOf, machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'

const unit = '/etc/systemd/system/containerd.service'
const kubelet = '/etc/systemd/system/kubelet.service'

/** A host whose ledger has these unit files; what runs is the runtime. */
function on(paths: readonly string[], active = 'active') {
  const asked: string[] = []
  const host = fakeHost('w1', {
    answer: ({ script, args = [] }) => {
      if (script.includes('is-active -- "$1"')) {
        asked.push(...args)
        return { stdout: Buffer.from(`${active}\n`), code: active === 'active' ? 0 : 3 }
      }
      if (script.includes(ledgerFile) || args.includes(ledgerFile))
        return {
          stdout: Buffer.from(
            paths
              .map((path) => `2\tfile\t${path}\tcreated\n`)
              .join('')
              .concat('@end\n'),
          ),
        }
      asked.push(...args)
      return { stdout: Buffer.from('@units\n@containers\n0\n@mounts\n@leftovers\n') }
    },
  })
  const node = { ...machine({ name: 'w1', roles: ['worker'] }), host }
  const context = contextOf([node], { runtime: releasedContainerd })
  return { asked, context, node, host, ledger: () => readLedger(host) }
}

it('a runtime that was downloaded stops once its containers are gone', async () => {
  const { context, node, host, ledger } = on([unit, kubelet])
  const step = runtimeStoppedStep(context, node, ledger, [])
  const changes = step.diff(await step.probe())
  expect(changes).toEqual([{ kind: 'stop', summary: 'stop containerd.service' }])
  await step.apply(changes, unseen)
  expect(host.done).toEqual(['mutate stop containerd.service'])
})

it('it is not among the units that stop before', async () => {
  const { asked, context, node, ledger } = on([unit, kubelet])
  await stoppedStep(context, node, ledger, []).probe()
  expect(asked).toEqual(['kubelet.service'])
})

it.each([
  ['of a package', [kubelet], 'active'],
  ['that does not run', [unit, kubelet], 'inactive'],
] as const)('a runtime %s is left alone', async (_, paths, active) => {
  const { context, node, ledger } = on(paths, active)
  const step = runtimeStoppedStep(context, node, ledger, [])
  expect(step.diff(await step.probe())).toEqual([])
})
