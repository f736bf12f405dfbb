import { clusterRelease } from '../../cluster/cluster-release.js'
import type { Context } from '../../cluster/context.js'
import { minorIn } from '../../kubernetes/releases/order.js'
import { isBug, UserError } from '../../lib/errors.js'
import { within } from '../../lib/within.js'
import type { CheckResult, VerifyOptions } from '../../verify/check.js'
import { verifyCluster } from '../../verify/verify-cluster.js'
import { adminKubeconfig } from '../admin-kubeconfig.js'
import { shortly } from '../look.js'
import { administratorFor } from './administrator.js'
import type { SpecResult } from './junit-report.js'
import { removeNamespaces, runLabel } from './leftovers.js'
import { type Progress, progressText } from './progress.js'
import { readyNodes } from './ready-nodes.js'
import { createDirectory, reportIn } from './report-directory.js'
import { runSuite, type SuiteEnd } from './run-suite.js'
import type { Mode, Selection } from './selection.js'
import type { SuiteProgram } from './suite-program.js'
import { refuseOtherMinor } from './suite-version.js'
import { testImageList } from './test-images.js'
import { wayToApi } from './way.js'

export interface ConformanceOptions extends VerifyOptions {
  program: SuiteProgram
  /** Where the e2e.test of a version is found, for errors. */
  whereFound(version: string): string
  mode: Mode
  selection: Selection
  /** What is selected, in a word: "full". */
  selected: string
  timeoutMs: number
  /** Absolute path; created when the suite starts. */
  reportDir: string
  /** Tell each spec, not only those that failed where there are many. */
  everySpec: boolean
  /** Where the suite's images lie, at the paths of registry.k8s.io; '' for the registries of upstream. */
  testImages: string
  say(level: 'info' | 'warning', text: string): void
  /** For tests. */
  graceMs?: readonly [number, number]
}

export interface ConformanceResult {
  passed: boolean
  /** Undefined: the suite was not started. */
  specs: readonly SpecResult[] | undefined
}

/** So many specs are told one by one. */
const fewSpecs = 20
/** Between two lines about a suite that goes on as it should. */
const tellEveryMs = 30_000
/** Some specs take ten minutes, and tell nothing meanwhile. */
const silentMs = 120_000
/** How long removing what a suite left may take. */
const tidyMs = 60_000

/**
 * Runs the conformance suite of Kubernetes against a cluster that works as far as a look tells, and keeps its report.
 * Throws UserError: 'preflight' for a suite of another minor, 'step' and 'connection' for what cannot be read or reached.
 */
export async function conformance(context: Context, options: ConformanceOptions): Promise<ConformanceResult> {
  const { say, program, signal } = options
  const { passed: works } = await verifyCluster(context, { ...options, lookOnly: true })
  if (!works) return { passed: false, specs: undefined }
  const kube = await context.kube()
  const release = clusterRelease(context)
  const clusterVersion = versionIn((await kube.text('/version')).body)
  refuseOtherMinor(program.path, program.version, clusterVersion, options.whereFound(clusterVersion))
  const nodes = readyNodes(await kube.list({ apiVersion: 'v1', kind: 'Node' }))
  for (const text of warningsOf(options, nodes)) say('warning', text)
  const administrator = await administratorFor(context, options.timeoutMs)
  const way = await wayToApi(context, administrator.ca)
  const began = options.now()
  const telling = teller(options)
  let end: SuiteEnd
  try {
    if (signal.aborted)
      throw new UserError('interrupted', 'interrupted before the suite was started', { next: 'run again' })
    await createDirectory(options.reportDir)
    say(
      'info',
      `e2e.test ${program.version} runs on this computer, by ${way.told}; its output: ${options.reportDir}/e2e.log`,
    )
    end = await runSuite({
      program,
      release,
      selection: options.selection,
      kubeconfig: adminKubeconfig({ ...administrator, server: way.server }, context.spec.clusterName),
      imageList: options.testImages === '' ? '' : testImageList(options.testImages),
      dnsDomain: context.spec.networking.dnsDomain,
      taints: [...new Set([...release.node.taints, ...nodes.taints])],
      reportDir: options.reportDir,
      timeoutMs: options.timeoutMs,
      signal,
      onProgress: telling.onProgress,
      ...(options.graceMs ? { graceMs: options.graceMs } : {}),
    }).catch((error: unknown) => {
      if (error instanceof UserError || isBug(error)) throw error
      throw new UserError('step', 'the suite could not be run', { why: shortly(error), cause: error })
    })
  } finally {
    telling.stop()
    way.close()
  }
  await tidy(context, end, say)
  return judged(options, end, options.now() - began)
}

/** The version in the API server's answer to /version: "v1.36.3". */
function versionIn(body: string): string {
  let version: unknown
  try {
    version = Object(JSON.parse(body)).gitVersion
  } catch {
    // said below
  }
  if (typeof version === 'string' && minorIn(version) !== undefined) return version
  throw new UserError('step', 'the API server does not report its version', {
    why: `/version: ${body.slice(0, 200)}`,
    next: 'kubectl get --raw /version shows the whole answer',
  })
}

function warningsOf(
  { mode, program }: ConformanceOptions,
  { schedulable, unready }: ReturnType<typeof readyNodes>,
): string[] {
  return [
    ...(unready.length > 0
      ? [`the suite waits up to 30 min for nodes that are cordoned or not Ready: ${unready.join(', ')}`]
      : []),
    ...(mode === 'full' && schedulable.length < 2
      ? [
          `${schedulable.length} nodes accept Pods without tolerations, and the suite expects 2: some specs will fail or skip themselves`,
        ]
      : []),
    ...(mode === 'full' && program.kubectl === ''
      ? ['kubectl was not found beside e2e.test or on $PATH: the specs of sig-cli will fail']
      : []),
  ]
}

/** Tells how far the suite is: each failure at once, and now and then that it goes on. */
function teller({ now, say }: ConformanceOptions): { onProgress(progress: Progress): void; stop(): void } {
  let latest: Progress = { total: 0, passed: 0, failed: 0, last: '' }
  let told = now()
  const tell = (level: 'info' | 'warning', { last }: Pick<Progress, 'last'>): void => {
    told = now()
    say(level, `${progressText(latest)}${last ? `; ${last}` : ''}`)
  }
  const timer = setInterval(() => {
    if (now() >= told + silentMs) tell('info', { last: '' })
  }, tellEveryMs)
  return {
    onProgress: (progress) => {
      const failedMore = progress.failed > latest.failed
      latest = progress
      if (failedMore || now() >= told + tellEveryMs) tell(failedMore ? 'warning' : 'info', progress)
    },
    stop: () => clearInterval(timer),
  }
}

/** Removes the namespaces of a suite that was cut; one that came to its end has done it. */
async function tidy(
  context: Context,
  { run, stopped, signal }: SuiteEnd,
  say: ConformanceOptions['say'],
): Promise<void> {
  if (stopped === undefined && signal === undefined) return
  const others =
    'what it created outside of namespaces (webhooks, custom resource definitions, volumes, taints of nodes) may be left'
  if (run === undefined)
    return say(
      'warning',
      `the suite was cut before it named its run; kubectl get namespaces -l ${runLabel} shows what is left`,
    )
  try {
    const removed = await within(
      tidyMs,
      context.kube().then((kube) => removeNamespaces(kube, run)),
    )
    const names = removed.length > 0 ? `removed ${removed.join(', ')}` : 'no namespace of it is left'
    say('warning', `the suite was cut: ${names}; ${others}`)
  } catch (error) {
    say(
      'warning',
      `the suite was cut, and its namespaces could not be removed (${shortly(error)}): kubectl delete namespaces -l ${runLabel}=${run}; ${others}`,
    )
  }
}

const whyStopped = {
  interrupted: 'it was interrupted',
  timeout: 'it did not end within the time that --timeout allows',
  silence: 'it showed no sign of life for 45 min',
}

async function judged(options: ConformanceOptions, end: SuiteEnd, ms: number): Promise<ConformanceResult> {
  const report = await reportIn(options.reportDir)
  const specs = 'none' in report ? [] : report.specs
  const every = options.everySpec || specs.length <= fewSpecs
  for (const { name, status, ms, detail, words } of specs.filter((one) => every || one.status === 'failed'))
    options.onResult({ name, status, ms, ...(detail ? { detail } : {}), ...(words ? { words } : {}) })
  const count = (status: SpecResult['status']): number => specs.filter((one) => one.status === status).length
  const counts = `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped themselves`
  const unreached = Math.max(0, (end.progress?.total ?? 0) - specs.length)
  const ended =
    end.stopped !== undefined
      ? whyStopped[end.stopped]
      : end.signal !== undefined
        ? `it was ended by ${end.signal}`
        : `it exited with code ${end.code}`
  const whole = end.stopped === undefined && end.code === 0
  const problem =
    'none' in report
      ? `${ended}; ${report.none}`
      : specs.length === 0
        ? `${ended}; no spec ran: check --focus and --skip`
        : count('failed') > 0 || !whole
          ? `${counts}${unreached > 0 ? `, ${unreached} not reached` : ''}${whole ? '' : `; ${ended}`}`
          : count('passed') === 0
            ? `${counts}: nothing was tested`
            : undefined
  const summary: CheckResult = {
    name: `conformance suite (${options.selected})`,
    status: problem === undefined ? 'passed' : 'failed',
    ms,
    detail: problem ?? counts,
    // where specs failed, their own words have been told
    ...(problem !== undefined && count('failed') === 0 && end.tail ? { words: end.tail } : {}),
  }
  options.onResult(summary)
  return { passed: problem === undefined, specs }
}
