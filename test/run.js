// node test/run.js [test] [long]: `npm test`, and what `npm run test:long` adds to it; any other name is a project
// of vitest's (e2e). Ends with a line "N passed, N failed, N skipped". What this machine cannot run is reported as skipped, with the reason in
// its title. With KUBESTRAP_TALLY=FILE the counts are added to that file too (see .ci/run).
import { spawnSync } from 'node:child_process'
import { added, addTally, emptyTally, tallyText } from './runner/tally.js'
import { vitest, vitests } from './runner/vitest.js'

/** A check that is no vitest. @returns {import('./runner/tally.js').Tally} */
function script(name, what) {
  const done = spawnSync('npm', ['run', '--silent', name], { stdio: 'inherit' })
  const passed = done.status === 0
  process.stdout.write(`${passed ? 'ok' : 'FAILED'}: ${what}\n`)
  return { ...emptyTally(), passed: passed ? 1 : 0, failed: passed ? 0 : 1, failures: passed ? [] : [what] }
}

const runs = {
  test: [
    () => script('build', 'compiles'),
    () => script('types', 'types of tests'),
    () => script('lint', 'lint'),
    () => vitest('unit', 'golden'),
    // waiting, and one process that computes
    () => vitests('contract', 'scenario'),
    () => vitest('alone'),
    () => vitest('e2e'),
  ],
  long: [() => script('build', 'compiles'), () => vitest('scenario-long'), () => vitest('long')],
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : ['test']
let sum = emptyTally()
for (const name of wanted) {
  for (const one of runs[name] ?? [() => vitest(name)]) sum = added(sum, await one())
  sum.runs.push(name)
}
if (process.env.KUBESTRAP_TALLY) addTally(process.env.KUBESTRAP_TALLY, sum)
process.stdout.write(tallyText(sum))
process.exitCode = sum.failed === 0 ? 0 : 1
