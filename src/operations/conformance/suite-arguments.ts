import type { Release } from '../../kubernetes/releases/release.js'
import type { Selection } from './selection.js'

/** What a run of e2e.test is told. Nothing in it is a secret: the key is in the file that `kubeconfig` names. */
export interface SuiteRun extends Selection {
  kubeconfig: string
  /** Gets junit_01.xml. */
  reportDir: string
  dnsDomain: string
  /** Path of kubectl; '' for none. */
  kubectl: string
  /** Keys of taints of nodes that the suite need not wait for. */
  taints: readonly string[]
  progressUrl: string
  timeoutMs: number
}

type Ginkgo = Pick<Release, 'suite'>

/**
 * Arguments of e2e.test for a run: test/e2e/framework/test_context.go of Kubernetes, and ginkgo's own. Serial, as
 * certification wants it; that needs no ginkgo program, which only splits a suite into parallel processes.
 */
export function suiteArguments(run: SuiteRun, release: Ginkgo): string[] {
  return [
    ...selecting(run, release),
    // ginkgo v2 stops after an hour otherwise; v1 has no limit of its own where e2e.test is called directly
    ...(release.suite.ginkgo === 2 ? [`--ginkgo.timeout=${Math.ceil(run.timeoutMs / 1000)}s`] : []),
    '--provider=skeleton',
    `--kubeconfig=${run.kubeconfig}`,
    `--report-dir=${run.reportDir}`,
    `--e2e-output-dir=${run.reportDir}`,
    '--disable-log-dump',
    `--dns-domain=${run.dnsDomain}`,
    `--progress-report-url=${run.progressUrl}`,
    ...(run.kubectl === '' ? [] : [`--kubectl-path=${run.kubectl}`]),
    ...(run.taints.length === 0 ? [] : [`--non-blocking-taints=${run.taints.join(',')}`]),
  ]
}

/** Arguments of e2e.test that run nothing, ask no cluster, and write into `reportDir` what would run. */
export function listArguments(selection: Selection, reportDir: string, release: Ginkgo): string[] {
  const dry = release.suite.ginkgo === 2 ? '--ginkgo.dry-run' : '--ginkgo.dryRun'
  return [...selecting(selection, release), dry, '--provider=skeleton', `--report-dir=${reportDir}`]
}

function selecting({ focus, skip }: Selection, { suite }: Ginkgo): string[] {
  return [
    `--ginkgo.focus=${focus}`,
    ...(skip === '' ? [] : [`--ginkgo.skip=${skip}`]),
    suite.ginkgo === 2 ? '--ginkgo.no-color' : '--ginkgo.noColor',
  ]
}
