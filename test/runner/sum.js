// node test/runner/sum.js FILE RUN…: what the runs came to that added their counts to FILE. A run that is
// not in it has crashed, and counts as one that failed.
import { added, emptyTally, readTally, tallyText } from './tally.js'

const [, , path, ...runs] = process.argv
let sum = readTally(path)
for (const run of runs)
  if (!sum.runs.includes(run))
    sum = added(sum, { ...emptyTally(), failed: 1, failures: [`${run}: did not end`] })
process.stdout.write(tallyText(sum))
process.exitCode = sum.failed === 0 ? 0 : 1
