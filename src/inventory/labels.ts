import { isDnsName } from '../lib/grammar/dns-name.js'
import type { TaintSpec } from './spec.js'

const namePart = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/

/** Kubernetes' qualified name: optional DNS prefix and "/", then at most 63 characters. */
export function labelKeyProblem(key: string): string | undefined {
  const slash = key.indexOf('/')
  if (slash >= 0 && !isDnsName(key.slice(0, slash))) return 'the part before / is not a DNS name'
  return namePart.test(key.slice(slash + 1))
    ? undefined
    : 'the name must consist of letters, digits, -, _ or ., at most 63'
}

export function labelValueProblem(value: string): string | undefined {
  return value === '' || namePart.test(value)
    ? undefined
    : 'the value must consist of letters, digits, -, _ or ., at most 63'
}

/** "key=value:Effect" or "key:Effect", as kubectl taint takes it; undefined when it is neither. */
export function parseTaint(text: string): TaintSpec | undefined {
  const match = /^([^=:]+)(?:=([^:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/.exec(text)
  const [, key = '', value = '', effect] = match ?? []
  if (labelKeyProblem(key) || labelValueProblem(value)) return undefined
  if (effect !== 'NoSchedule' && effect !== 'PreferNoSchedule' && effect !== 'NoExecute') return undefined
  return { key, value, effect }
}
