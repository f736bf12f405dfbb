import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Context } from '../../src/cluster/context.js'
import type { Machine } from '../../src/cluster/machine.js'
import { copyData, forgetCopy, restoreData } from '../../src/steps/etcd/data-copy.js'

const run = promisify(execFile)
let root = ''
/** Prints names of containers that run, as a runtime's script does. */
let containers = ''

/** A machine whose paths lie under a directory, and whose runtime prints what the test says. */
const machine = (): Machine => {
  const host = {
    mutate: async ({ script, args }: { script: string; args: string[] }) => {
      const placed = args.map((path) => join(root, path))
      await run('sh', ['-c', script, 'sh', ...placed])
    },
  }
  return { host } as unknown as Machine
}
const context = (): Context =>
  ({
    runtime: { systemContainersScript: containers },
    spec: { etcd: { dataDir: '/var/lib/etcd' } },
  }) as unknown as Context

const manifest = '/etc/kubernetes/manifests/etcd.yaml'
const wal = '/var/lib/etcd/member/wal/1'
const text = (path: string): string => readFileSync(join(root, path), 'utf8')

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kubestrap-etcd-'))
  containers = 'echo kube-scheduler'
  mkdirSync(join(root, '/etc/kubernetes/manifests'), { recursive: true })
  mkdirSync(join(root, '/var/lib/etcd/member/wal'), { recursive: true })
  writeFileSync(join(root, manifest), 'kind: Pod')
  writeFileSync(join(root, wal), 'before')
})
afterEach(() => rmSync(root, { recursive: true }))

describe("a copy of etcd's data", () => {
  test('is made when etcd has ended, its manifest is gone, and brings back what was', async () => {
    await copyData(context(), machine())
    expect(existsSync(join(root, manifest))).toBe(false)
    writeFileSync(join(root, wal), 'raised by the new one')
    writeFileSync(join(root, manifest), 'kind: New')
    await restoreData(context(), machine())
    expect(existsSync(join(root, manifest))).toBe(false)
    expect(text(wal)).toBe('before')
    expect(text('/var/lib/kubestrap/etcd-failed/wal/1')).toBe('raised by the new one')
    // what was put back may fail, too: the copy is still there
    await restoreData(context(), machine())
    expect(text(wal)).toBe('before')
    await forgetCopy(machine())
    expect(existsSync(join(root, '/var/lib/kubestrap/etcd-before'))).toBe(false)
  })

  test('is not made while the runtime does not answer, nor put back where there is none', async () => {
    containers = 'false'
    await expect(copyData(context(), machine())).rejects.toThrow()
    expect(existsSync(join(root, '/var/lib/kubestrap/etcd-before'))).toBe(false)
    containers = 'true'
    await expect(restoreData(context(), machine())).rejects.toThrow('is no copy of data of etcd')
    expect(text(wal)).toBe('before')
  })
})
