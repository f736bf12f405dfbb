import type { Options } from 'yargs'
import type { ClusterSpec } from '../inventory/spec.js'
import { releaseFor } from '../kubernetes/releases/index.js'
import { exitCodes, UserError } from '../lib/errors.js'
import { parseDuration } from '../lib/time.js'
import {
  type ConformanceOptions,
  type ConformanceResult,
  conformance,
} from '../operations/conformance/conformance.js'
import type { SpecResult } from '../operations/conformance/junit-report.js'
import { listSpecs } from '../operations/conformance/list-specs.js'
import { freeDirectory, reportName } from '../operations/conformance/report-directory.js'
import { type Mode, modes, selectionOf, timeoutOf } from '../operations/conformance/selection.js'
import { findSuite } from '../operations/conformance/suite-program.js'
import { kubernetesTests } from '../sources/urls.js'
import { duration, table } from '../ui/format.js'
import { print } from '../ui/screen.js'
import { basesOf } from '../workflows/session/programs.js'
import { openSession } from '../workflows/session/session.js'
import { text } from './command.js'
import { inventoryOf } from './inventory.js'
import type { Reporting } from './reporting.js'
import { withoutTree, withReporting } from './with-reporting.js'

const upstream = 'upstream'

/** Of `verify`. */
export const conformanceOptions = {
  conformance: {
    type: 'string',
    describe:
      "run the conformance suite of Kubernetes, with an e2e.test of the cluster's minor: quick (one spec, the default) or full (every [Conformance] spec, one after the other; about 2 h)",
  },
  'e2e-test': {
    type: 'string',
    describe: 'e2e.test of a release of Kubernetes, kubectl beside it (default: from $PATH)',
    requiresArg: true,
  },
  report: {
    type: 'string',
    describe:
      'empty directory for e2e.log and junit_01.xml (default: kubestrap-conformance-CLUSTER-TIME in the working directory)',
    requiresArg: true,
  },
  timeout: {
    type: 'string',
    describe: 'how long the suite may take (default: 3h; quick 20m)',
    requiresArg: true,
  },
  focus: {
    type: 'string',
    describe: 'regular expression of the specs to run instead',
    requiresArg: true,
  },
  skip: { type: 'string', describe: 'regular expression of specs to leave out', requiresArg: true },
  'test-images': {
    type: 'string',
    describe: `repository of the suite's images, with the paths of registry.k8s.io; ${upstream} for upstream's registries (default: kubernetes.imageRepository, else upstream's)`,
    requiresArg: true,
  },
  'list-specs': {
    type: 'boolean',
    default: false,
    describe: 'print the specs that would run, and run none',
  },
} satisfies Record<string, Options>

/** Whether the options ask for the suite. Throws UserError('usage') for options of a suite that is not asked for. */
export function wantsConformance(values: Record<string, unknown>): boolean {
  if (values.conformance !== undefined) return true
  const other = Object.keys(conformanceOptions).find(
    (name) => values[name] !== undefined && values[name] !== false,
  )
  if (other === undefined) return false
  throw new UserError('usage', `--${other} has no effect without --conformance`, {
    next: `add --conformance or --conformance=full`,
  })
}

/** `verify --conformance`. */
export async function runConformance(values: Record<string, unknown>): Promise<number> {
  const mode = modeOf(values)
  const timeoutMs = timeoutFrom(values, mode)
  const selection = selectionOf(mode, { focus: text(values, 'focus'), skip: text(values, 'skip') })
  const spec = await inventoryOf(values)
  const reportDir = await freeDirectory(text(values, 'report') || reportName(spec.clusterName, new Date()))
  const testImages = imagesOf(values, spec)
  const whereFound = (version: string): string => foundAt(spec, version)
  return withReporting(withoutTree(values), async (reporting) => {
    const { signal } = reporting
    const next = whereFound(spec.version)
    const program = await findSuite(text(values, 'e2e-test'), process.env, signal, next)
    if (values['list-specs'] === true) {
      const release = releaseFor(program.version.slice(1))
      return {
        exitCode: exitCodes.ok,
        lastWords: printer(await listSpecs(program, release, selection, signal)),
      }
    }
    const session = await openSession(spec, { bundle: false, onCommand: reporting.onCommand, signal })
    try {
      const result = await conformance(session.context, {
        program,
        whereFound,
        mode,
        selection,
        selected: text(values, 'focus') || text(values, 'skip') ? 'chosen specs' : mode,
        timeoutMs,
        reportDir,
        testImages,
        ...voice(reporting, values.verbose === true),
      })
      return {
        exitCode: result.passed ? exitCodes.ok : exitCodes.verification,
        lastWords: () => {
          if (reporting.human) print(lastWords(result, reportDir, reporting.now()))
        },
      }
    } finally {
      await session.close()
    }
  })
}

function modeOf(values: Record<string, unknown>): Mode {
  const given = text(values, 'conformance') || 'quick'
  const mode = modes.find((one) => one === given)
  if (mode) return mode
  throw new UserError('usage', `--conformance ${given} is not a mode`, {
    next: 'use --conformance=quick or --conformance=full',
  })
}

function timeoutFrom(values: Record<string, unknown>, mode: Mode): number {
  const given = text(values, 'timeout')
  if (given === '') return timeoutOf[mode]
  const ms = parseDuration(given)
  // further than a timer of Node goes: 24 days
  if (ms !== undefined && ms < 2 ** 31) return ms
  throw new UserError('usage', `--timeout ${given} is not a duration`, { next: 'write 30m, 3h or 1d' })
}

/** Images that nodes pull from the inventory's own repository lie there for the suite, too, unless the operator says otherwise. */
function imagesOf(values: Record<string, unknown>, spec: ClusterSpec): string {
  const given = text(values, 'test-images')
  if (given === upstream) return ''
  return (given || spec.imageRepository || '').replace(/\/+$/, '')
}

function foundAt(spec: ClusterSpec, version: string): string {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  const url = kubernetesTests(basesOf(spec), version.replace(/^v/, ''), arch)
  return `take kubernetes/test/bin/e2e.test from ${url} and name it: --e2e-test PATH`
}

function voice(
  reporting: Reporting,
  verbose: boolean,
): Pick<ConformanceOptions, 'now' | 'signal' | 'everySpec' | 'onResult' | 'onWaiting' | 'say'> {
  const { emit, now, signal, human } = reporting
  const say = (level: 'info' | 'warning', words: string): void =>
    emit({ type: 'message', at: now(), level, text: words })
  return {
    now,
    signal,
    say,
    onWaiting: (what, ms) => say('info', `still waiting after ${duration(ms)}: ${what.slice(0, 300)}`),
    onResult: (result) => emit({ type: 'check', at: now(), ...result }),
    everySpec: !human || verbose,
  }
}

function printer(specs: readonly string[]): () => void {
  return () => print(`${specs.map((name) => `${name}\n`).join('')}${specs.length} specs\n`)
}

/** What a person is told at the end. */
function lastWords({ specs, passed }: ConformanceResult, reportDir: string, ms: number): string {
  if (!specs) return `The cluster does not work; the suite was not started (${duration(ms)}).\n`
  const of = (status: SpecResult['status']): SpecResult[] => specs.filter((one) => one.status === status)
  const failed = of('failed')
  const row = [of('passed'), failed, of('skipped')].map(({ length }) => String(length))
  const list = failed.length > 0 ? `\n${table([['FAILED SPEC'], ...failed.map(({ name }) => [name])])}\n` : ''
  const verdict = passed ? 'The suite passed' : 'The suite did not pass'
  return `\n${table([['PASSED', 'FAILED', 'SKIPPED'], row])}\n${list}\nreport: ${reportDir}/junit_01.xml, ${reportDir}/e2e.log\n${verdict} (${duration(ms)}).\n`
}
