import { UserError } from '../../lib/errors.js'
import type { Registry } from '../registry.js'
import { withRegistries } from './registries.js'

/**
 * /etc/docker/daemon.json with what Kubernetes needs; everything else in it is the user's and stays.
 * Pure and idempotent. Logs are bounded, as kubeadm's installation guide has them.
 * Throws UserError('step') when the text is not a JSON object.
 */
export function withDaemonSettings(
  text: string,
  settings: { cgroupDriver: 'cgroupfs' | 'systemd' },
  host: string,
): string {
  const before = parse(text, host)
  const options = Array.isArray(before['exec-opts']) ? before['exec-opts'].map(String) : []
  const driver = `native.cgroupdriver=${settings.cgroupDriver}`
  // log options belong to a log driver: where the user has said anything of logs, ours stay away
  const logs = 'log-driver' in before || 'log-opts' in before
  const after = {
    ...(logs ? {} : { 'log-driver': 'json-file', 'log-opts': { 'max-size': '100m' } }),
    ...before,
    'exec-opts': [...options.filter((option) => !option.startsWith('native.cgroupdriver=')), driver],
  }
  return written(text, before, after)
}

/**
 * The same file with what the inventory says of registries, which the daemon takes up by a reload. Pure and
 * idempotent. Throws UserError('step') when the text is not a JSON object.
 */
export function withDaemonRegistries(text: string, registries: readonly Registry[], host: string): string {
  const before = parse(text, host)
  return written(text, before, withRegistries(before, registries))
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
      why: error instanceof Error ? error.message : String(error),
      next: 'mend or remove the file; kubestrap adds its settings to it',
    })
  }
}
