import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { receivePosts } from '../../host/loopback.js'
import { openRunDirectory } from '../../host/run-directory.js'
import { type ProgramEnd, runProgram } from '../../host/run-program.js'
import type { Release } from '../../kubernetes/releases/release.js'
import type { Secret } from '../../lib/secret.js'
import { runOf } from './leftovers.js'
import { further, type Progress, readProgress } from './progress.js'
import type { Selection } from './selection.js'
import { suiteArguments } from './suite-arguments.js'
import { openSuiteLog } from './suite-log.js'
import type { SuiteProgram } from './suite-program.js'

export interface SuiteSettings {
  program: SuiteProgram
  release: Pick<Release, 'suite'>
  selection: Selection
  /** Of the cluster, for programs of this computer. */
  kubeconfig: Secret
  /** What $KUBE_TEST_REPO_LIST names; '' for upstream's registries. */
  imageList: string
  dnsDomain: string
  taints: readonly string[]
  /** Absolute path of an empty directory. */
  reportDir: string
  timeoutMs: number
  signal: AbortSignal
  onProgress(progress: Progress): void
  /** For tests. */
  graceMs?: readonly [number, number]
  silenceMs?: number
}

export interface SuiteEnd extends ProgramEnd {
  /** The identifier that its namespaces are labelled with; undefined when it told none. */
  run: string | undefined
  /** Its last lines. */
  tail: string
  progress: Progress | undefined
}

/**
 * Longest silence of a suite that is at work, ms: it waits up to 30 minutes for nodes, then 10 for system Pods
 * (test/e2e/framework/timeouts.go), and writes nothing meanwhile.
 */
const longestSilence = 45 * 60_000

/** Of the total time, what a suite has at most for ending by itself before it is ended, ms. */
const ownEndingMs = 60_000

/**
 * Runs e2e.test on this computer to its end. The administrator's key is in a file of a directory that ends with the run,
 * and nowhere else; the suite gets no other variable of the operator's environment than $PATH.
 * Rejects when the suite cannot be started, or its output cannot be kept.
 */
export async function runSuite(settings: SuiteSettings): Promise<SuiteEnd> {
  const { program, reportDir, signal, timeoutMs } = settings
  let run: string | undefined
  let progress: Progress | undefined
  const directory = await openRunDirectory()
  const log = openSuiteLog(join(reportDir, 'e2e.log'), (line) => {
    run ??= runOf(line)
  })
  const path = `/${randomBytes(16).toString('hex')}`
  let alive = (): void => {}
  const posts = await receivePosts(path, (body) => {
    const next = readProgress(body)
    if (!next) return
    alive()
    progress = further(progress, next)
    settings.onProgress({ ...progress, last: next.last })
  })
  try {
    const kubeconfig = join(directory.path, 'kubeconfig')
    await writeFile(kubeconfig, settings.kubeconfig.reveal(), { flag: 'wx', mode: 0o600 })
    const imageList = join(directory.path, 'images.yaml')
    if (settings.imageList !== '') await writeFile(imageList, settings.imageList, { flag: 'wx', mode: 0o600 })
    const running = runProgram({
      path: program.path,
      args: suiteArguments(
        {
          ...settings.selection,
          kubeconfig,
          reportDir,
          dnsDomain: settings.dnsDomain,
          kubectl: program.kubectl,
          taints: settings.taints,
          progressUrl: `http://127.0.0.1:${posts.port}${path}`,
          timeoutMs: timeoutMs - Math.min(ownEndingMs, timeoutMs / 4),
        },
        settings.release,
      ),
      env: {
        PATH: process.env.PATH,
        // kubectl keeps what it found out in its home, and tests write there
        HOME: directory.path,
        TMPDIR: directory.path,
        ...(settings.imageList === '' ? {} : { KUBE_TEST_REPO_LIST: imageList }),
      },
      cwd: directory.path,
      signal,
      timeoutMs,
      silenceMs: settings.silenceMs ?? longestSilence,
      ...(settings.graceMs ? { graceMs: settings.graceMs } : {}),
      onStart: directory.watch,
      onOutput: log.add,
    })
    alive = running.alive
    const end = await running.ended
    await log.close()
    return { ...end, run, tail: log.tail(), progress }
  } finally {
    posts.close()
    await directory.remove()
    await log.close().catch(() => {})
  }
}
