import { describe, expect, test } from 'vitest'
import { buildGraph } from '../../../src/engine/graph.js'
import { makePlan } from '../../../src/engine/plan.js'
import type { Step } from '../../../src/engine/step.js'
import type { FileState } from '../../../src/host/host.js'
import { alongRestart } from '../../../src/resources/along-restart.js'
import { editFile } from '../../../src/resources/edit-file.js'
import { file } from '../../../src/resources/file.js'
import { fakeHost } from '../../support/fake-host.js'

const unit = 'kubelet.service'
const [config, flags] = ['/var/lib/kubelet/config.yaml', '/var/lib/kubelet/kubeadm-flags.env']

/** What a plan would change, look after look, where a configuration, and flags that still serve, are read by one unit that runs. */
function looking(mark: (host: ReturnType<typeof fakeHost>) => Step<FileState>) {
  const files: Record<string, string> = { [config]: 'wanted\n', [flags]: 'former\n' }
  const host = fakeHost('w1', { files })
  const along = alongRestart(
    host,
    file(host, { path: flags, content: 'wanted\n', mode: '0600', marks: [unit] }),
    {
      unit,
      serves: (text) => text === 'former\n',
      why: 'serves still',
    },
  )
  const opaque = (step: unknown): Step => step as Step
  const graph = buildGraph(
    [{ id: 'p', title: 'p', about: 'p', steps: () => [mark(host), along].map(opaque) }],
    undefined,
  )
  return {
    edit: (path: string, text: string) => void host.files.set(path, text),
    changes: async () =>
      [...(await makePlan(graph))].flatMap(([key, { kind }]) => (kind === 'differs' ? [key] : [])),
  }
}

describe('a file that is written along with a restart', () => {
  test.each([
    [
      'a file',
      (host: ReturnType<typeof fakeHost>) =>
        file(host, { path: config, content: 'wanted\n', mode: '0600', marks: [unit] }),
    ],
    [
      'an edited file',
      (host: ReturnType<typeof fakeHost>) =>
        editFile(host, { path: config, edit: () => 'wanted\n', marks: [unit] }) as Step<FileState>,
    ],
  ])('is a difference only in a look that found another reason: %s', async (_, mark) => {
    const { edit, changes } = looking(mark)
    expect(await changes()).toEqual([])
    edit(config, 'of somebody\n')
    expect(await changes()).toEqual([expect.stringContaining(config), `w1/file:${flags}`])
    // restored while the plan was being read
    edit(config, 'wanted\n')
    expect(await changes()).toEqual([])
  })
})
