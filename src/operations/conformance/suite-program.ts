import { constants } from 'node:fs'
import { access, realpath, stat } from 'node:fs/promises'
import { delimiter, dirname, join, resolve } from 'node:path'
import { runProgram } from '../../host/run-program.js'
import { UserError } from '../../lib/errors.js'
import { suiteVersion } from './suite-version.js'

/** The programs of this computer that a suite needs. */
export interface SuiteProgram {
  /** Absolute path of e2e.test. */
  path: string
  /** "v1.36.3" */
  version: string
  /** Absolute path of kubectl, beside e2e.test or on $PATH; '' for none: what tests kubectl fails then. */
  kubectl: string
}

/** e2e.test has some 150 MB. */
const versionMs = 60_000
const mostOutput = 64 * 1024

/**
 * Finds e2e.test, and asks it for its version.
 * @param given a path; '' to look on $PATH
 * @param next where it can be found
 * @throws UserError('preflight')
 */
export async function findSuite(
  given: string,
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
  next: string,
): Promise<SuiteProgram> {
  const onPath = (environment.PATH ?? '').split(delimiter).filter((directory) => directory !== '')
  const path =
    given === ''
      ? await firstProgram(onPath.map((at) => join(at, 'e2e.test')))
      : await program(resolve(given))
  if (path === undefined)
    throw new UserError(
      'preflight',
      given === '' ? 'e2e.test was not found on $PATH' : `${given} is not a program that can be run`,
      { next },
    )
  const version = suiteVersion(path, await outputOf(path, ['--version'], signal))
  // of a link also what it leads to: a suite is often linked to from elsewhere
  const beside = [dirname(path), dirname(await realpath(path))]
  const kubectl = await firstProgram([...beside, ...onPath].map((at) => join(at, 'kubectl')))
  return { path, version, kubectl: kubectl ?? '' }
}

async function outputOf(path: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  let output = ''
  const running = runProgram({
    path,
    args,
    env: { PATH: process.env.PATH },
    cwd: '/',
    signal,
    timeoutMs: versionMs,
    graceMs: [1_000, 1_000],
    onOutput: (chunk) => {
      output = (output + chunk.toString()).slice(-mostOutput)
    },
  })
  const end = await running.ended.catch((error: Error) => {
    throw new UserError('preflight', `${path} cannot be started`, {
      why: error.message,
      next: 'it must be built for this computer: its system and its architecture',
      cause: error,
    })
  })
  if (end.stopped === 'interrupted') throw new UserError('interrupted', 'interrupted', { next: 'run again' })
  return output
}

async function firstProgram(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const found = await program(path)
    if (found !== undefined) return found
  }
  return undefined
}

async function program(path: string): Promise<string | undefined> {
  const usable = await access(path, constants.X_OK)
    .then(() => stat(path))
    .then(
      (found) => found.isFile(),
      () => false,
    )
  return usable ? path : undefined
}
