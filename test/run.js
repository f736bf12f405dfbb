// Runs every test there is and ends with a line "N passed, N failed, N skipped".
// What this machine cannot run is reported as skipped, with the reason in its title.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const scratch = mkdtempSync(join(tmpdir(), 'kubestrap-test-'))
const counts = { passed: 0, failed: 0, skipped: 0 }

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
    if (done.status !== 0 && report.numFailedTests === 0) counts.failed += 1
  } catch {
    counts.failed += 1
  }
}

function step(name, program, args) {
  const done = spawnSync(program, args, { stdio: 'inherit' })
  process.stdout.write(`${done.status === 0 ? 'ok' : 'FAILED'}: ${name}\n`)
  counts[done.status === 0 ? 'passed' : 'failed'] += 1
}

step('compiles', 'npm', ['run', '--silent', 'build'])
step('types of tests', 'npm', ['run', '--silent', 'types'])
step('lint', 'npm', ['run', '--silent', 'lint'])
vitest('unit', 'golden')
vitest('contract')
vitest('scenario')
vitest('e2e')
rmSync(scratch, { recursive: true, force: true })
process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`)
process.exitCode = counts.failed === 0 ? 0 : 1
