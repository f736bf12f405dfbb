import { describe, expect, test } from 'vitest'
import { type CommandRecord, nameOf, recorder, wordsOf } from '../../../src/host/command-record.js'
import { localConnection } from '../../../src/host/local-connection.js'
import { createHost } from '../../../src/host/remote-host.js'

/** A host that is this machine, and what was recorded of it. */
function recording() {
  const records: CommandRecord[] = []
  return { records, host: createHost('cp1', localConnection(), (record) => records.push(record)) }
}

describe('the record of what a host is asked', () => {
  test('has a line for each question of a frame: name, exit code, complaints', async () => {
    const { records, host } = recording()
    await Promise.all([
      host.read({ what: 'ask one thing', script: 'echo answer' }),
      host.read({ script: '\n# why\necho no >&2; exit 3' }),
    ])
    expect(records).toEqual([
      {
        type: 'question',
        host: 'cp1',
        what: 'ask one thing',
        exitCode: 0,
        end: 'exit 0',
        ms: expect.any(Number),
      },
      {
        type: 'question',
        host: 'cp1',
        what: 'echo no >&2; exit 3',
        exitCode: 3,
        end: 'exit 3',
        ms: expect.any(Number),
        tail: 'no',
      },
    ])
  })

  test('has an answer only where the question allows it, and never arguments', async () => {
    const { records, host } = recording()
    await Promise.all([
      host.read({ script: 'echo "$1"', args: ['token-abcdef'] }),
      host.read({ script: 'echo harmless', logged: true }),
    ])
    expect(JSON.stringify(records)).not.toContain('token-abcdef')
    expect(records.map(({ tail }) => tail)).toEqual([undefined, 'harmless'])
  })

  test('has the end of one that was killed', () => {
    const records: CommandRecord[] = []
    const outcome = { kind: 'killed', signal: 'TIMEOUT', stdout: Buffer.from('far\n'), stderr: '' } as const
    recorder('w1', (record) => records.push(record))(
      'change',
      outcome,
      () => 'install packages',
      () => wordsOf(outcome),
    )
    expect(records).toEqual([
      {
        type: 'change',
        host: 'w1',
        what: 'install packages',
        end: 'killed: TIMEOUT',
        ms: expect.any(Number),
        tail: 'far',
      },
    ])
  })
})

describe('the name of a command', () => {
  test.each([
    [{ what: 'load image', script: 'docker load' }, 'load image'],
    [{ script: '\n  # a comment\n  docker load --quiet\nmore' }, 'docker load --quiet'],
    [{ script: '' }, ''],
  ])('%j → %s', (command, name) => {
    expect(nameOf(command)).toBe(name)
  })
})
