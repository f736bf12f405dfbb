import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RunEvent } from '../../../src/engine/events.js'
import { junitReporter } from '../../../src/ui/junit.js'
import { Sink } from './sink.js'

const check = (name: string, status: 'passed' | 'failed' | 'skipped', detail?: string): RunEvent => ({
  type: 'check',
  at: 0,
  name,
  status,
  ms: 1234,
  ...(detail ? { detail } : {}),
})

function written(events: readonly RunEvent[]): string {
  const out = new Sink()
  const reporter = junitReporter(out)
  for (const event of events) reporter.on(event)
  reporter.on({ type: 'run-finished', at: 5000, ok: true, exitCode: 0, summary: {} })
  return out.text
}

test('checks become test cases, with their times, failures and reasons to skip', () => {
  const xml = written([
    check('nodes Ready', 'passed', '3 nodes'),
    check('exec', 'failed', 'said "x" <y>'),
    check('DNS', 'skipped', 'off'),
  ])
  expect(xml).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="kubestrap verify" tests="3" failures="1" skipped="1" time="5.000">
  <testcase classname="kubestrap.verify" name="nodes Ready" time="1.234"><system-out>3 nodes</system-out></testcase>
  <testcase classname="kubestrap.verify" name="exec" time="1.234"><failure message="said &quot;x&quot; &lt;y&gt;"/></testcase>
  <testcase classname="kubestrap.verify" name="DNS" time="1.234"><skipped message="off"/></testcase>
</testsuite>
`)
})

test('whatever a detail holds, it is well-formed XML', (context) => {
  if (spawnSync('python3', ['--version']).status !== 0)
    return context.skip('no XML parser: python3 is not here')
  const documents = fc
    .sample(fc.string({ unit: 'binary' }), 200)
    .map((detail) => written([check('x', 'failed', detail)]))
  const parse =
    'import sys, json, xml.dom.minidom as m\nfor d in json.load(sys.stdin): m.parseString(d.encode("utf-8", "replace"))'
  const ran = spawnSync('python3', ['-c', parse], { input: JSON.stringify(documents), encoding: 'utf8' })
  expect(ran.stderr).toBe('')
  expect(ran.status).toBe(0)
})
