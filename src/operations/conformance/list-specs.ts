import { openRunDirectory } from '../../host/run-directory.js'
import { runProgram } from '../../host/run-program.js'
import type { Release } from '../../kubernetes/releases/release.js'
import { UserError } from '../../lib/errors.js'
import { reportIn } from './report-directory.js'
import type { Selection } from './selection.js'
import { listArguments } from './suite-arguments.js'
import type { SuiteProgram } from './suite-program.js'

const listMs = 120_000

/**
 * Names of the specs that a selection means, sorted; no cluster is asked.
 * @throws UserError('preflight') when the suite does not tell
 */
export async function listSpecs(
  program: SuiteProgram,
  release: Pick<Release, 'suite'>,
  selection: Selection,
  signal: AbortSignal,
): Promise<string[]> {
  const directory = await openRunDirectory()
  let output = ''
  try {
    const end = await runProgram({
      path: program.path,
      args: listArguments(selection, directory.path, release),
      env: { PATH: process.env.PATH, HOME: directory.path, TMPDIR: directory.path },
      cwd: directory.path,
      signal,
      timeoutMs: listMs,
      graceMs: [1_000, 1_000],
      onStart: directory.watch,
      onOutput: (chunk) => {
        output = (output + chunk.toString()).slice(-4_000)
      },
    }).ended
    if (end.stopped === 'interrupted')
      throw new UserError('interrupted', 'interrupted', { next: 'run again' })
    const report = await reportIn(directory.path)
    if ('none' in report || end.code !== 0)
      throw new UserError('preflight', `${program.path} does not list its specs`, {
        why: 'none' in report ? `${report.none}\n${output.trim()}` : output.trim(),
        next: 'check --focus and --skip: they are regular expressions of Go',
      })
    return report.specs.map(({ name }) => name).sort()
  } finally {
    await directory.remove()
  }
}
