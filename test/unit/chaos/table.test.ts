import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { addToFile, counted, readResult, tableText } from '../../chaos/table.js'

const scratch = mkdtempSync(join(tmpdir(), 'kubestrap-chaos-'))
const file = join(scratch, 'out.json')

describe('what the tries of chaos came to', () => {
  afterAll(() => rmSync(scratch, { recursive: true }))

  test('is counted by topology and class', () => {
    const one = counted({}, 'single', 'power', true)
    const two = counted(counted(one, 'single', 'power', false), 'ha', 'sigkill', true)
    expect(one).toEqual({ single: { power: { tried: 1, converged: 1 } } })
    expect(two).toEqual({
      single: { power: { tried: 2, converged: 1 } },
      ha: { sigkill: { tried: 1, converged: 1 } },
    })
    expect(tableText(two)).toBe(
      'converged/tried     single        ha\npower                  1/2         -\nsigkill                  -       1/1\n',
    )
  })

  test('adds up in a file over runs, and keeps how a failure is repeated', () => {
    expect(readResult(file)).toEqual({ table: {}, failures: [] })
    addToFile(file, { topology: 'single', name: 'power', problems: [] })
    addToFile(file, {
      topology: 'single',
      name: 'power',
      problems: ['left cordoned: w1'],
      again: 'npm run chaos',
    })
    expect(readResult(file)).toEqual({
      table: { single: { power: { tried: 2, converged: 1 } } },
      failures: [
        { topology: 'single', name: 'power', problems: ['left cordoned: w1'], again: 'npm run chaos' },
      ],
    })
  })
})
