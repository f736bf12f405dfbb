import { describe, expect, test } from 'vitest'
import type { ErrorFields } from '../../../src/engine/error-fields.js'
import type { RunEvent } from '../../../src/engine/events.js'
import { exitCodes } from '../../../src/lib/errors.js'
import { checks } from '../../../src/preflight/checks.js'
import { up } from '../../../src/workflows/up.js'
import { fieldsOf } from '../../support/reference/declarations.js'
import { eventTypes, interfaceFields } from '../../support/reference/events.js'
import { exitCodeMeanings } from '../../support/reference/exit-codes.js'
import { referencePages, sourceOf, sourcesIn } from '../../support/reference/pages.js'
import { phaseHeaders } from '../../support/reference/phases.js'

/** The compiler holds this list to the type, and the test holds the page to this list. */
const everyEvent = {
  'run-started': true,
  message: true,
  planned: true,
  'step-started': true,
  'step-progress': true,
  'step-waiting': true,
  'step-resumed': true,
  'step-finished': true,
  check: true,
  'run-finished': true,
} as const satisfies Record<RunEvent['type'], true>

const everyErrorField = {
  message: true,
  why: true,
  cause: true,
  code: true,
  next: true,
  host: true,
} as const satisfies Record<keyof ErrorFields, true>

const pages = referencePages()

describe('the reference', () => {
  test('has every event, with every field', () => {
    const events = eventTypes(sourceOf('src/engine/events.ts'))
    expect(events.map(({ name }) => name).sort()).toEqual(Object.keys(everyEvent).sort())
    expect(events.find(({ name }) => name === 'step-finished')?.fields.map(({ name }) => name)).toEqual([
      'at',
      'step',
      'status',
      'ms',
      'changes',
      'reason',
      'error',
    ])
  })

  test('has every field of an error', () => {
    const fields = interfaceFields(sourceOf('src/engine/error-fields.ts'), 'ErrorFields')
    expect(fields.map(({ name }) => name)).toEqual(Object.keys(everyErrorField))
  })

  test('says what every event and field means', () => {
    const silent = eventTypes(sourceOf('src/engine/events.ts')).flatMap(({ name, about, fields }) => [
      ...(about === '' ? [name] : []),
      ...fields
        .filter((field) => field.about === '' && !['at', 'ms', 'step'].includes(field.name))
        .map((field) => `${name}.${field.name}`),
    ])
    expect(silent).toEqual([])
  })

  test('says what every exit code means', () => {
    const meanings = exitCodeMeanings(sourceOf('src/lib/errors.ts'))
    expect([...meanings.keys()]).toEqual(Object.keys(exitCodes))
  })

  test('says what every phase needs and makes', () => {
    const headers = phaseHeaders(sourcesIn('src/phases'))
    const silent = up.phases.filter(({ id }) => {
      const { inputs = '', outputs = '' } = headers.get(id) ?? {}
      return inputs === '' || outputs === ''
    })
    expect(silent.map(({ id }) => id)).toEqual([])
  })

  test('has a word for every type of an event', () => {
    const unknown = pages['events.md']
      ?.split('\n')
      .filter((line) => /^\| `\w+` \| (?:list: |mapping: )?`[A-Z]/.test(line))
    expect(unknown).toEqual([])
    expect(pages['events.md']).toContain('| `status` | `ok`, `changed`, `failed`, `skipped`, `blocked` |')
  })

  test('has a meaning for every option and every key of the inventory', () => {
    for (const name of ['commands.md', 'inventory.md'])
      expect(pages[name]?.split('\n').filter((line) => /^\| `.*\|\s*\|$/.test(line))).toEqual([])
  })

  test('has every preflight check, each name once', () => {
    const names = checks.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names.filter((name) => !pages['preflight.md']?.includes(`| \`${name}\` |`))).toEqual([])
  })
})

test('fields are read with their comments, whatever brackets their types have', () => {
  const text = `
      /** Of the
       *  run. */
      at: number
      list?: readonly { id: string; title: string }[]
      counts: Readonly<Record<string, Counts>>; status: 'a' | 'b'`
  expect(fieldsOf(text)).toEqual([
    { name: 'at', optional: false, type: 'number', about: 'Of the run.' },
    { name: 'list', optional: true, type: 'readonly { id: string; title: string }[]', about: '' },
    { name: 'counts', optional: false, type: 'Readonly<Record<string, Counts>>', about: '' },
    { name: 'status', optional: false, type: "'a' | 'b'", about: '' },
  ])
  expect(() => fieldsOf('at number')).toThrow('this is no field')
})
