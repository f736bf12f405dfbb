import { describe, expect, it } from 'vitest'
import { Secret } from '../../../src/lib/secret.js'
import { jsonReporter } from '../../../src/ui/json.js'
import { plainReporter } from '../../../src/ui/plain.js'
import { leaking, run } from './events.js'
import { Sink } from './sink.js'

describe('the plain reporter', () => {
  it('tells what changed, what failed and why, and that long steps are alive', async () => {
    const sink = new Sink()
    const reporter = plainReporter(sink)
    for (const event of run) reporter.on(event)
    await reporter.close()
    expect(sink.text).toMatchInlineSnapshot(`
      "[  0.0s] cp1: connected
      [  0.0s] warning: swap is on
      [  0.4s] 3 steps up to date, 2 to change, 1 known after apply
      [  0.9s] cp1: /etc/docker/daemon.json: write /etc/docker/daemon.json (restarts docker.service) [0.4s]
      [  6.0s] cp1: api:v1: 60%
      [ 11.5s] cp1: api:v1: 99%
      [ 1m05s] w1: kubelet: FAILED: kubelet did not start
               | exit code 1
               | swap is on
      [ 1m06s] DNS answers [passed, 0.1s]
      [ 1m06s] FAILED nodes are ready: w1 is not [failed, 1m00s]
      "
    `)
  })
})

describe('the plain reporter, verbose', () => {
  const reported = (text: string): string => {
    const sink = new Sink()
    const reporter = plainReporter(sink, true)
    for (const event of run) reporter.on(event)
    reporter.onCommand?.(
      { type: 'change', host: 'w1', what: `load ${text}`, end: 'exit 1', ms: 1250, tail: `no\n${text}` },
      2000,
    )
    reporter.onCommand?.({ type: 'question', host: 'w1', what: 'read facts', end: 'exit 0', ms: 12 }, 2100)
    return sink.text
  }

  it('also tells what was as it should be, and every command with its last words', () => {
    const text = reported('image')
    expect(text).toContain(': up to date [')
    expect(text).toContain('[  2.0s] w1: $ load image [exit 1, 1.3s]\n         | no\n         | image\n')
    expect(text).toContain('[  2.1s] w1: ? read facts [exit 0, 0.0s]\n')
  })

  it('shows no secret', () => {
    const secret = new Secret('a-very-secret-word')
    expect(reported(secret.reveal())).not.toContain('very-secret')
  })
})

describe('the json reporter', () => {
  it('prints every event as it is, one a line', async () => {
    const sink = new Sink()
    const reporter = jsonReporter(sink)
    for (const event of run) reporter.on(event)
    await reporter.close()
    const lines = sink.text.split('\n')
    expect(lines.pop()).toBe('')
    expect(lines.map((line) => JSON.parse(line))).toEqual(run)
  })
})

describe.each([
  ['plain', plainReporter],
  ['json', jsonReporter],
])('the %s reporter', (_, make) => {
  it.each([
    ['a token', 'abcdef0123456789', 'abcdef0123456789'],
    ['a password that JSON escapes', 'pass"word\\1', 'word\\'],
    ['a secret of several lines', 'first-line\nsecond-line', 'line'],
    ['a secret within words', 'hunter22-hunter22', 'hunter22'],
  ])('never shows %s', (_name, text, trace) => {
    const secret = new Secret(text)
    const sink = new Sink()
    const reporter = make(sink)
    for (const event of leaking(`x ${secret.reveal()} y`)) reporter.on(event)
    expect(sink.text).not.toContain(trace)
    expect(sink.text).toContain('[redacted]')
  })

  it('never shows a private key', () => {
    const sink = new Sink()
    const reporter = make(sink)
    const pem = '-----BEGIN RSA PRIVATE KEY-----\nMIIkey\nMIIkey\n-----END RSA PRIVATE KEY-----\n'
    for (const event of leaking(pem)) reporter.on(event)
    expect(sink.text).not.toContain('MIIkey')
    expect(sink.text).toContain('[redacted]')
  })
})
