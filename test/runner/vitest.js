import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { emptyTally } from './tally.js'

const reporter = fileURLToPath(new URL('reporter.js', import.meta.url))

/**
 * One vitest run over some projects, shown as it goes.
 * @returns {import('./tally.js').Tally} what it came to; a run that left no report, or ended badly with
 *   every test passed, is one failure
 */
export function vitest(...projects) {
  const scratch = mkdtempSync(join(tmpdir(), 'kubestrap-test-'))
  const report = join(scratch, 'report.json')
  const done = spawnSync(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      ...projects.flatMap((project) => ['--project', project]),
      '--reporter=default',
      `--reporter=${reporter}`,
      '--passWithNoTests',
    ],
    { stdio: 'inherit', env: { ...process.env, KUBESTRAP_REPORT: report } },
  )
  const tally = emptyTally()
  const fail = (what) => {
    tally.failed += 1
    tally.failures.push(what)
  }
  try {
    const { files, errors } = JSON.parse(readFileSync(report, 'utf8'))
    for (const file of files) {
      tally.files.push(file)
      for (const { name, state, message } of file.tests) {
        if (state === 'failed') fail(`${file.file} > ${name}\n      ${firstLines(message)}`)
        else tally[state === 'passed' ? 'passed' : 'skipped'] += 1
      }
      for (const message of file.errors) fail(`${file.file}\n      ${firstLines(message)}`)
    }
    for (const error of errors) fail(`outside a test\n      ${firstLines(error)}`)
    if (done.status !== 0 && tally.failed === 0)
      fail(`vitest on ${projects.join(', ')} ended with ${done.status ?? done.signal}`)
  } catch (error) {
    fail(`vitest on ${projects.join(', ')} left no report: ${error.message}`)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return tally
}

function firstLines(message) {
  return message.split('\n').slice(0, 4).join('\n      ')
}
