import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { added, emptyTally } from './tally.js'

const reporter = fileURLToPath(new URL('reporter.js', import.meta.url))

/**
 * Runs of vitest side by side, each over one project: the first is shown as it goes, the others when they have ended.
 * @returns {Promise<import('./tally.js').Tally>} what they came to together
 */
export async function vitests(first, ...others) {
  const held = others.map((project) => vitestRun([project], true))
  const tallies = [await vitestRun([first], false)]
  for (const one of held) {
    const { tally, output } = await one
    process.stdout.write(output)
    tallies.push({ tally })
  }
  return tallies.map(({ tally }) => tally).reduce(added)
}

/**
 * One vitest run over some projects, shown as it goes.
 * @returns {Promise<import('./tally.js').Tally>} what it came to; a run that left no report, or ended badly with
 *   every test passed, is one failure
 */
export async function vitest(...projects) {
  return (await vitestRun(projects, false)).tally
}

/** @param {boolean} hold keep what it prints, in the place of showing it */
async function vitestRun(projects, hold) {
  const scratch = mkdtempSync(join(tmpdir(), 'kubestrap-test-'))
  const report = join(scratch, 'report.json')
  const done = await ended(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      ...projects.flatMap((project) => ['--project', project]),
      '--reporter=default',
      `--reporter=${reporter}`,
      '--passWithNoTests',
    ],
    { ...process.env, KUBESTRAP_REPORT: report },
    hold,
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
  return { tally, output: done.output }
}

function ended(program, args, env, hold) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: hold ? ['ignore', 'pipe', 'pipe'] : 'inherit' })
    const parts = []
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part) => parts.push(part))
    child.once('error', reject)
    child.once('close', (status, signal) =>
      resolve({ status, signal, output: Buffer.concat(parts).toString() }),
    )
  })
}

function firstLines(message) {
  return message.slice(0, 3000).split('\n').slice(0, 20).join('\n      ')
}
