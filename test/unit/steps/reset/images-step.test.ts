import { describe, expect, it } from 'vitest'
import { ledgerFile } from '../../../../src/host/ledger-script.js'
import { readLedger } from '../../../../src/resources/ledger.js'
import { containerd } from '../../../../src/runtimes/containerd/containerd.js'
import { releasedContainerd } from '../../../../src/runtimes/containerd/released.js'
import type { Runtime } from '../../../../src/runtimes/runtime.js'
import { forgetStep } from '../../../../src/steps/reset/forget-step.js'
import { imagesStep } from '../../../../src/steps/reset/images-step.js'
import { unseen } from '../../../support/apply-now.js'
import { contextOf, machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'

const unit = 'file\t/etc/systemd/system/containerd.service\tcreated'
const image = 'image\tregistry.k8s.io/pause:3.9\t'
const tree = 'tree\t/var/lib/containerd\t'
const programs = ['containerd', 'containerd-shim-runc-v2', 'ctr'].map((name) => `/usr/local/bin/${name}`)

/** A host with these lines in its ledger, whose containerd does not answer. */
function on(
  lines: readonly string[],
  { runtime = releasedContainerd as Runtime, there = false, state = 'inactive' } = {},
) {
  const host = fakeHost('w1', {
    files: Object.fromEntries(there ? programs.map((path) => [path, 'x']) : []),
    answer: ({ script, args = [] }) => {
      if (script.includes('is-active -- "$1"')) return { stdout: Buffer.from(`${state}\n`), code: 3 }
      if (script.includes(ledgerFile) || args.includes(ledgerFile))
        return { stdout: Buffer.from(`${lines.map((line) => `2\t${line}\n`).join('')}@end\n`) }
      return { code: 127, stderr: 'ctr: not found' }
    },
  })
  const node = { ...machine({ name: 'w1', roles: ['worker'] }), host }
  const context = contextOf([node], { runtime })
  return { context, node, host, ledger: () => readLedger(host) }
}

const found = async (...args: Parameters<typeof on>) => {
  const { context, node, ledger } = on(...args)
  return imagesStep(context, node, ledger, []).probe()
}

describe('images are no more', () => {
  it('where the runtime that was downloaded is gone, whatever the ledger still has', async () => {
    expect(await found([unit, image])).toEqual([])
    expect(await found([image])).toEqual([])
  })

  it('where it was stopped by a reset that was cut', async () => {
    expect(await found([unit, image], { there: true })).toEqual([])
  })

  it('where its directory is emptied by the reset', async () => {
    expect(await found([unit, tree, image], { there: true, state: 'active' })).toEqual([])
  })
})

it('a runtime that should answer and does not is an error', async () => {
  await expect(found([unit, image], { there: true, state: 'active' })).rejects.toThrow('does not answer')
  await expect(found([image], { runtime: containerd })).rejects.toThrow('does not answer')
})

it.each([
  [[tree, image], ''],
  [[image, 'package\tcurl\t'], 'image'],
] as const)('of %j the ledger keeps images only if they stay', async (lines, kept) => {
  const { context, node, host, ledger } = on(lines)
  const told: string[] = []
  const args: string[][] = []
  const watched = {
    ...host,
    mutate: async (command: Parameters<typeof host.mutate>[0]) => {
      args.push([...(command.args ?? [])])
      return host.mutate(command)
    },
  }
  const options = { packages: true, images: false, onLeft: (_: string, what: string) => void told.push(what) }
  await forgetStep(context, { ...node, host: watched }, ledger, options, []).apply([], unseen)
  expect(args).toEqual([[ledgerFile, kept]])
  expect(told.length).toBe(kept === '' ? 0 : 1)
})
