import { parseXml, type XmlElement } from '../../lib/xml.js'

/** How one spec of a suite ended. */
export interface SpecResult {
  name: string
  status: 'passed' | 'failed' | 'skipped'
  ms: number
  /** Why it failed, on one line, or why it skipped itself. */
  detail: string
  /** Of one that failed: the first lines of its failure. */
  words: string
}

export interface SuiteReport {
  /** Specs that were selected, in the file's order; and what else failed: "[SynchronizedBeforeSuite]". */
  specs: readonly SpecResult[]
  /** Specs of the suite that were not selected, or not reached. */
  others: number
}

/** ginkgo v2 puts the kind of each node before its name. */
const kindOfSpec = '[It] '
const longest = { detail: 500, words: 4_000, lines: 20 }

/**
 * Reads the JUnit report of a suite of ginkgo, v1 (one testsuite, cases without a status) or v2 (its reporters/junit_report.go).
 * A case counts as passed only where nothing says otherwise.
 * @throws Error with plain words when it is something else
 */
export function readJUnitReport(text: string): SuiteReport {
  const root = parseXml(text)
  if (root.name !== 'testsuites' && root.name !== 'testsuite')
    throw new Error(`its outermost element is ${root.name.slice(0, 100)}, not testsuites`)
  const suites = root.name === 'testsuite' ? [root] : root.children.filter(({ name }) => name === 'testsuite')
  const cases = suites.flatMap(({ children }) => children.filter(({ name }) => name === 'testcase'))
  const specs: SpecResult[] = []
  let others = 0
  for (const one of cases) {
    const result = resultOf(one)
    if (result === 'not selected') others += 1
    else if (result) specs.push(result)
  }
  return { specs, others }
}

function resultOf(one: XmlElement): SpecResult | 'not selected' | undefined {
  const written = one.attributes.get('name') ?? ''
  const status = one.attributes.get('status')
  const name = written.startsWith(kindOfSpec) ? written.slice(kindOfSpec.length) : written
  const ms = milliseconds(one.attributes.get('time'))
  const fault = one.children.find((child) => child.name === 'failure' || child.name === 'error')
  if (fault || !(status === undefined || ['passed', 'skipped', 'pending'].includes(status))) {
    const words = fault
      ? `${fault.attributes.get('message') ?? ''}\n${fault.text}`.trim()
      : `status ${status}`
    return { name, status: 'failed', ms, detail: firstLine(words), words: firstLines(words) }
  }
  // what surrounds the specs is of interest where it fails
  if (status !== undefined && !written.startsWith(kindOfSpec)) return undefined
  const skipped = one.children.find((child) => child.name === 'skipped')
  if (!skipped && status !== 'skipped' && status !== 'pending')
    return { name, status: 'passed', ms, detail: '', words: '' }
  const why = (skipped?.attributes.get('message') || skipped?.text || '').trim()
  // ginkgo writes "skipped - REASON" (v1 the reason alone) of a spec that ran and skipped itself
  if (['', 'skipped', 'pending'].includes(why)) return 'not selected'
  return { name, status: 'skipped', ms, detail: firstLine(why.replace(/^skipped - /, '')), words: '' }
}

function milliseconds(seconds: string | undefined): number {
  const value = Number(seconds)
  return Number.isFinite(value) && value > 0 ? Math.round(value * 1000) : 0
}

const firstLine = (text: string): string => (text.split('\n')[0] ?? '').trim().slice(0, longest.detail)

const firstLines = (text: string): string =>
  text.split('\n').slice(0, longest.lines).join('\n').slice(0, longest.words)
