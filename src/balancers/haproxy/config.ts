import { hostPort } from '../../kubernetes/service-address.js'
import { template } from '../../lib/templates.js'
import type { BalancerSettings } from '../balancer.js'

/** Times in milliseconds; what haproxy's configuration calls inter, fastinter, timeout connect, timeout check, fall, rise. */
export interface HealthChecks {
  inter: number
  fastinter: number
  connect: number
  check: number
  fall: number
  rise: number
}

/** Two checks a second and server: a few balancers ask. */
export const dedicatedChecks: HealthChecks = {
  inter: 500,
  fastinter: 250,
  connect: 800,
  check: 800,
  fall: 2,
  rise: 2,
}

/** Each check costs the API server a TLS handshake, and here every node asks: one a second. */
export const nodeChecks: HealthChecks = { ...dedicatedChecks, inter: 1000, connect: 600, check: 600 }

/**
 * How long a server that is gone may still be used, milliseconds, at worst: it went right after a check.
 * A connection of a check waits for the smaller of `timeout connect` and the interval, an answer for
 * `timeout check` (haproxy's manual, "timeout check"); after a first failure the next check comes after
 * `fastinter`.
 * @param how refused: nobody listens; silent: no answer to the connection; mute: accepted, but no answer
 */
export function worstDetection(checks: HealthChecks, how: 'refused' | 'silent' | 'mute'): number {
  const { inter, fastinter, connect, check, fall } = checks
  const wait = { refused: 0, silent: Math.min(connect, inter), mute: check }[how]
  return inter + wait + (fall - 1) * (fastinter + wait)
}

/** Where it runs, and is asked for its state. */
export const runDirectory = 'kubestrap-haproxy'
export const backendName = 'api-servers'
export const adminSocket = `/run/${runDirectory}/admin.sock`

/**
 * haproxy.cfg: TCP is passed through, so clients verify the API server itself, and client certificates
 * work. Health is asked over TLS without verifying: the question carries no secret, its answer decides only
 * who is asked next, and a balancer has no copy of the authority, which may not exist yet when it starts.
 * Asks for nothing newer than haproxy 2.2 (Debian 11); run with 2.6.
 * @param bind where it listens: '' for every address, else one
 */
export function haproxyConfig(settings: BalancerSettings, bind: string, checks: HealthChecks): string {
  const { port, backends, anonymous } = settings
  const six = backends.some(({ address }) => address.includes(':'))
  const everywhere = six ? `:::${port} v4v6` : `*:${port}`
  return template('haproxy/haproxy.cfg', {
    socket: adminSocket,
    backend: backendName,
    bind: bind === '' ? everywhere : hostPort(bind, port),
    // an API server that wants to know who asks answers 401, which tells at least that it lives
    expect: anonymous ? '200' : '200,401',
    connect: `${checks.connect}ms`,
    check: `${checks.check}ms`,
    inter: `${checks.inter}ms`,
    fastinter: `${checks.fastinter}ms`,
    fall: String(checks.fall),
    rise: String(checks.rise),
    servers: backends
      .map(({ name, address, port: own }) => `    server ${name} ${hostPort(address, own)}`)
      .join('\n'),
  })
}
