import type { Fields, FieldType } from '../lib/field-type.js'
import { isMapping } from '../lib/is-mapping.js'
import { nearest } from '../lib/nearest.js'
import { plainValue } from '../lib/plain-value.js'
import type { Path } from '../lib/yaml-source.js'
import type { Known } from './known.js'
import { settingsOf } from './layers.js'
import type { Inventory } from './schema/schema.js'
import type { Found } from './shape-problems.js'
import { minorOf, parseVersion } from './version.js'

/** Configurations of kubelet and kube-proxy, by the names and types that their minor knows, wherever they stand. */
export function configProblems(inventory: Inventory, known: Known): Found[] {
  const version = parseVersion(inventory.kubernetes.version)
  const minor = version && minorOf(version)
  if (minor === undefined || !known.minors.includes(minor)) return []
  const { kubelet, kubeProxy } = known.configurations(minor)
  return [
    ...inOne('KubeletConfiguration', minor, kubelet, inventory.kubelet?.config, ['kubelet', 'config']),
    ...settingsOf(inventory).flatMap(({ path, settings }) =>
      inOne('KubeletConfiguration', minor, kubelet, settings.kubelet?.config, [...path, 'kubelet', 'config']),
    ),
    ...inOne('KubeProxyConfiguration', minor, kubeProxy, inventory.kubeProxy?.config, [
      'kubeProxy',
      'config',
    ]),
  ]
}

function inOne(kind: string, minor: string, fields: Fields, config: unknown, path: Path): Found[] {
  // both are held against what they should be elsewhere
  const whole: Fields = { ...fields, kind: 'any', apiVersion: 'any' }
  return fieldProblems(config, { fields: whole }, path, `${kind} of Kubernetes ${minor}`)
}

/**
 * What a component would refuse of a value, or leave out.
 * @param about whose value it is, for messages
 */
export function fieldProblems(value: unknown, type: FieldType, path: Path, about: string): Found[] {
  // null is Go's zero value: the default
  if (value === undefined || value === null || type === 'any') return []
  const name = path.slice(path.lastIndexOf('config') + 1).join('.')
  const refuse = (write: string): Found[] => [
    { path, what: `${name} of ${about} cannot be ${shown(value)}`, write },
  ]
  if (typeof type === 'object') {
    if ('either' in type) {
      const all = type.either.map((one) => fieldProblems(value, one, path, about))
      return all.some((found) => found.length === 0) ? [] : (all[0] ?? [])
    }
    if ('int' in type) {
      const [least, most] = type.int
      const fits = typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
      return fits ? [] : refuse(`a whole number${rangeOf(least, most)}, without quotes`)
    }
    if ('oneOf' in type) {
      if (value === '' || (typeof value === 'string' && type.oneOf.includes(value))) return []
      const close = nearest(plainValue(value), type.oneOf)
      return refuse(`${close ? `did you mean ${close}? ` : ''}one of: ${type.oneOf.join(', ')}`)
    }
    if ('list' in type)
      return Array.isArray(value)
        ? value.flatMap((one, i) => fieldProblems(one, type.list, [...path, i], about))
        : refuse('a list')
    if (!isMapping(value)) return refuse('a mapping')
    const known = 'map' in type ? type.keys : Object.keys(type.fields)
    return Object.entries(value).flatMap(([key, inner]) => {
      if (known && !known.includes(key)) return [unknown(key, known, [...path, key], name, about)]
      const its = 'map' in type ? type.map : (type.fields[key] ?? 'any')
      return fieldProblems(inner, its, [...path, key], about)
    })
  }
  const form = forms[type]
  return form.accepts(value) ? [] : refuse(form.write)
}

function unknown(key: string, known: readonly string[], path: Path, name: string, about: string): Found {
  const close = nearest(key, known)
  return {
    path,
    key: true,
    what: `${name === '' ? about : `${name} of ${about}`} has no ${key}`,
    write: close
      ? `did you mean ${close}?`
      : known.length > 20
        ? 'remove it'
        : `known here: ${known.join(', ')}`,
  }
}

const forms: Readonly<
  Record<Exclude<FieldType, object | 'any'>, { accepts(value: unknown): boolean; write: string }>
> = {
  bool: { accepts: (value) => typeof value === 'boolean', write: 'true or false, without quotes' },
  number: {
    accepts: (value) => typeof value === 'number' && Number.isFinite(value),
    write: 'a number, without quotes',
  },
  string: { accepts: (value) => typeof value === 'string', write: 'a text, in quotes' },
  duration: {
    accepts: matches(/^[-+]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/),
    write: 'use a duration such as 10s or 1h30m',
  },
  quantity: {
    accepts: matches(/^[-+]?(?:\d+\.?\d*|\.\d+)(?:[numkMGTPE]|[KMGTPE]i|[eE][-+]?\d+)?$/),
    write: 'a quantity in quotes, such as 200Mi or "2"',
  },
  // Kubernetes' SysctlContainSlashPattern (core validation), and a star at the end
  sysctl: {
    accepts: matches(/^[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?(?:[./][a-z0-9](?:[-_a-z0-9]*[a-z0-9])?)*[./]?\*?$/),
    write: 'the name of a kernel parameter, such as net.core.somaxconn or net.ipv4.*',
  },
  threshold: {
    accepts: matches(/^(?:\+?(?:\d+\.?\d*|\.\d+)(?:[numkMGTPE]|[KMGTPE]i|[eE][-+]?\d+)?|\d+(?:\.\d+)?%)$/),
    write: 'a quantity or a part, such as 200Mi or 5%',
  },
}

function matches(expression: RegExp): (value: unknown) => boolean {
  return (value) => typeof value === 'string' && expression.test(value)
}

function rangeOf(least: number, most: number): string {
  if (least <= -(2 ** 31)) return ''
  return most >= 2 ** 31 - 1 ? ` from ${least} on` : ` from ${least} to ${most}`
}

/** A value for people; a mapping or list may be long. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}
