import { expect, it } from 'vitest'
import { exitCodes, isBug, NoAnswer, UserError } from '../../../src/lib/errors.js'

it('exit codes are what the documentation promises to scripts', () => {
  expect(exitCodes).toEqual({
    ok: 0,
    bug: 1,
    usage: 2,
    inventory: 3,
    preflight: 4,
    connection: 5,
    step: 6,
    verification: 7,
    planHasChanges: 10,
    interrupted: 130,
  })
})

it('a UserError carries what, why, where and the next move', () => {
  const cause = new Error('below')
  const error = new UserError('connection', 'cannot reach cp1', {
    why: 'refused',
    next: 'start sshd',
    host: 'cp1',
    cause,
  })
  expect(error).toBeInstanceOf(Error)
  expect({ ...error, message: error.message, cause: error.cause }).toEqual({
    name: 'UserError',
    kind: 'connection',
    message: 'cannot reach cp1',
    why: 'refused',
    next: 'start sshd',
    host: 'cp1',
    cause,
    endsRun: false,
    takenOverBy: undefined,
    final: false,
  })
})

it('a bug is told from what a host or the API said', () => {
  const bugs = [new TypeError('x is undefined'), new ReferenceError('y'), new RangeError('z')]
  expect(bugs.map(isBug)).toEqual([true, true, true])
  const url = catching(() => new URL('no url'))
  const json = catching(() => JSON.parse('<html>'))
  const said = [
    url,
    json,
    new Error('refused'),
    new NoAnswer('silent'),
    new UserError('step', 'no'),
    'text',
    undefined,
  ]
  expect(said.map(isBug)).toEqual(said.map(() => false))
})

function catching(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}
