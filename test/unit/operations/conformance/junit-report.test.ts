import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readJUnitReport } from '../../../../src/operations/conformance/junit-report.js'

const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')
const ends = (xml: string): Record<string, string> =>
  Object.fromEntries(
    readJUnitReport(xml).specs.map(({ name, status, detail }) => [name, `${status} ${detail}`]),
  )

describe('the report of a suite', () => {
  it('of ginkgo 2 tells every way a spec can end', () => {
    expect(ends(fixture('ginkgo-2.28.xml'))).toEqual({
      '[sig-node] Pods should "quote" & <escape> what\'s there [Conformance]':
        'failed [FAILED] it\'s <not> "so" & \ufffd[31mred\ufffd[0m',
      '[sig-node] Pods should be submitted and removed [NodeConformance] [Conformance]': 'passed ',
      '[sig-node] Pods should be left out [LinuxOnly] [Conformance]':
        'skipped Not supported for this cluster',
      '[sig-node] Pods should panic [Conformance]': 'failed [PANICKED] Test Panicked',
      '[sig-node] Pods should time out [Conformance]': 'failed [TIMEDOUT] A node timeout occurred',
    })
    const { specs, others } = readJUnitReport(fixture('ginkgo-2.28.xml'))
    // pending, and two that the focus left out
    expect(others).toBe(3)
    expect(specs.find(({ name }) => name.includes('submitted'))?.ms).toBe(300)
    const { words = '' } = specs.find(({ name }) => name.includes('panic')) ?? {}
    expect(words).toContain('at the disco')
    expect(words.split('\n').length).toBeLessThanOrEqual(20)
  })

  it('of a suite that was interrupted tells which spec it was in', () => {
    expect(ends(fixture('ginkgo-2.28-interrupted.xml'))).toEqual({
      '[sig-node] Pods should take long [Slow]': 'failed [INTERRUPTED] Interrupted by User',
    })
  })

  it('of ginkgo 1 has neither kinds nor statuses', () => {
    expect(ends(fixture('ginkgo-1.xml'))).toEqual({
      '[sig-api-machinery] ResourceQuota should create a ResourceQuota [Conformance]': 'passed ',
      '[k8s.io] Pods should be left out [Conformance]': 'skipped Only supported for providers [gce]',
      '[k8s.io] Pods should fail [Conformance]': 'failed test/e2e/common/pods.go:82',
    })
    expect(readJUnitReport(fixture('ginkgo-1.xml')).others).toBe(1)
  })

  it('names what failed around the specs, and counts a status that nobody knows as failed', () => {
    const xml = `<testsuites><testsuite>
      <testcase name="[SynchronizedBeforeSuite]" status="failed" time="x"><failure message="no nodes"></failure></testcase>
      <testcase name="[SynchronizedAfterSuite]" status="passed" time="1"></testcase>
      <testcase name="[It] a" status="exploded" time="-1"></testcase>
    </testsuite></testsuites>`
    expect(ends(xml)).toEqual({
      '[SynchronizedBeforeSuite]': 'failed no nodes',
      a: 'failed status exploded',
    })
    expect(readJUnitReport(xml).specs.map(({ ms }) => ms)).toEqual([0, 0])
  })

  it('is refused when it is something else, or was cut', () => {
    expect(() => readJUnitReport('<html></html>')).toThrow('its outermost element is html')
    const whole = fixture('ginkgo-2.28.xml')
    expect(() => readJUnitReport(whole.slice(0, whole.length - 100))).toThrow('not whole XML')
  })
})
