// Runs every test there is and ends with a line "N passed, N failed, N skipped".
// What this machine cannot run is reported as skipped, with the reason in its title.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const scratch = mkdtempSync(join(tmpdir(), 'kubestrap-test-'))
const counts = { passed: 0, failed: 0, skipped: 0 }
/** What failed, in the order it ran: said again at the end, where it is read first. */
const failures = []

/** One vitest run over some projects; its counts are added up. */
function vitest(...projects) {
  const output = join(scratch, `${projects[0]}.json`)
  const args = projects.flatMap((project) => ['--project', project])
  const done = spawnSync(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      ...args,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${output}`,
      '--passWithNoTests',
    ],
    { stdio: 'inherit' },
  )
  try {
    const report = JSON.parse(readFileSync(output, 'utf8'))
    counts.passed += report.numPassedTests
    counts.failed += report.numFailedTests
    counts.skipped += report.numPendingTests + report.numTodoTests
    for (const file of report.testResults) {
      const failed = file.assertionResults.filter(({ status }) => status === 'failed')
      for (const { fullName, failureMessages } of failed)
        failures.push(`${fullName}\n      ${firstLines(failureMessages[0])}`)
      if (file.status === 'failed' && failed.length === 0)
        failures.push(`${file.name}\n      ${firstLines(file.message)}`)
    }
    if (done.status !== 0 && report.numFailedTests === 0) {
      counts.failed += 1
      failures.push(`vitest on ${projects.join(', ')} ended with ${done.status ?? done.signal}`)
    }
  } catch (error) {
    counts.failed += 1
    failures.push(`vitest on ${projects.join(', ')} left no report: ${error.message}`)
  }
}

function firstLines(message = '') {
  return message.split('\n').slice(0, 4).join('\n      ')
}

function step(name, program, args) {
  const done = spawnSync(program, args, { stdio: 'inherit' })
  process.stdout.write(`${done.status === 0 ? 'ok' : 'FAILED'}: ${name}\n`)
  counts[done.status === 0 ? 'passed' : 'failed'] += 1
  if (done.status !== 0) failures.push(name)
}

step('compiles', 'npm', ['run', '--silent', 'build'])
step('types of tests', 'npm', ['run', '--silent', 'types'])
step('lint', 'npm', ['run', '--silent', 'lint'])
vitest('unit', 'golden')
vitest('contract')
vitest('scenario')
vitest('e2e')
rmSync(scratch, { recursive: true, force: true })
if (failures.length > 0) process.stdout.write(`\nfailed:\n${failures.map((one) => `  - ${one}\n`).join('')}`)
process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`)
process.exitCode = counts.failed === 0 ? 0 : 1
