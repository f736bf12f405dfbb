import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, expect, test, vi } from 'vitest'

const scratch = mkdtempSync(join(tmpdir(), 'kubestrap-reporter-'))
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(scratch, { recursive: true })
})

test('a hook whose start vitest never told has no time, rather than one that is no number', async () => {
  const { default: FileTimes } = await import(pathToFileURL('test/runner/reporter.js').href)
  const report = join(scratch, 'report.json')
  vi.stubEnv('KUBESTRAP_REPORT', report)
  const module = {
    id: 'm',
    type: 'module',
    moduleId: join(process.cwd(), 'test/unit/a.test.ts'),
    project: { name: 'unit' },
    children: { allTests: () => [], allSuites: () => [] },
    errors: () => [],
  }
  const times = new FileTimes()
  times.onTestModuleStart(module)
  times.onHookEnd({ name: 'afterAll', entity: module })
  times.onTestModuleEnd(module)
  times.onTestRunEnd([module], [])
  const { files } = JSON.parse(readFileSync(report, 'utf8'))
  expect(files).toEqual([expect.objectContaining({ file: 'test/unit/a.test.ts', hooks: [] })])
})
