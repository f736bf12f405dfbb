import { messageOf, UserError } from '../../lib/errors.js'
import { plainValue } from '../../lib/plain-value.js'
import type { Registry } from '../registry.js'
import { type DaemonFlag, keyOf, refuseFlags } from './daemon-flags.js'
import { withRegistries } from './registries.js'

const ourLogs = { 'log-driver': 'json-file', 'log-opts': { 'max-size': '100m' } }

/**
 * /etc/docker/daemon.json with what Kubernetes needs; everything else in it is the user's and stays.
 * Pure and idempotent. Logs are bounded, as kubeadm's installation guide has them.
 * What dockerd is given as a flag stays away from the file. Throws UserError('step') when the text is not a JSON
 * object, or needs what a flag has.
 */
export function withDaemonSettings(
  text: string,
  settings: { cgroupDriver: 'cgroupfs' | 'systemd'; flags?: readonly DaemonFlag[] },
  host: string,
): string {
  const before = parse(text, host)
  const flags = settings.flags ?? []
  const options = Array.isArray(before['exec-opts']) ? before['exec-opts'].map(plainValue) : []
  const driver = `native.cgroupdriver=${settings.cgroupDriver}`
  // log options belong to a log driver: where the user has said anything of logs, ours stay away
  const own = (key: string): boolean => key in before || flags.some((flag) => keyOf(flag) === key)
  const logs = own('log-driver') || own('log-opts')
  // the driver as a flag, and no other: it is said already
  const drivers = flags.filter((flag) => keyOf(flag) === 'exec-opts').map(({ value }) => value)
  if (drivers.includes(driver) && !('exec-opts' in before))
    return written(text, before, { ...(logs ? {} : ourLogs), ...before })
  refuseFlags(flags, ['exec-opts', ...Object.keys(before)], host)
  const after = {
    ...(logs ? {} : ourLogs),
    ...before,
    'exec-opts': [...options.filter((option) => !option.startsWith('native.cgroupdriver=')), driver],
  }
  return written(text, before, after)
}

/**
 * The same file with what the inventory says of registries, which the daemon takes up by a reload. Pure and
 * idempotent. Throws UserError('step') when the text is not a JSON object.
 */
export function withDaemonRegistries(
  text: string,
  registries: readonly Registry[],
  host: string,
  flags: readonly DaemonFlag[] = [],
): string {
  const before = parse(text, host)
  const after = withRegistries(before, registries)
  if (JSON.stringify(after) !== JSON.stringify(before))
    refuseFlags(
      flags,
      ['registry-mirrors', 'insecure-registries'].filter((key) => key in after),
      host,
    )
  return written(text, before, after)
}

function written(text: string, before: object, after: object): string {
  if (JSON.stringify(after) === JSON.stringify(before)) return text
  return `${JSON.stringify(after, undefined, 2)}\n`
}

function parse(text: string, host: string): Record<string, unknown> {
  if (text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
    throw new Error('it is not an object')
  } catch (error) {
    throw new UserError('step', '/etc/docker/daemon.json cannot be read as JSON', {
      host,
      why: messageOf(error),
      next: 'fix or remove the file; kubestrap adds its settings to it',
    })
  }
}
