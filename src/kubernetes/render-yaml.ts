import { isMapping } from '../lib/is-mapping.js'
/**
 * YAML in kubeadm's byte layout (sigs.k8s.io/yaml): sorted keys, two spaces, lists not indented under
 * their key, no folding, quotes only where they are needed, a newline at the end. (js-yaml quotes
 * every text that starts with "-", which is every flag.)
 * @param value JSON: fields that are undefined are left out
 */
export function renderYaml(value: unknown): string {
  return `${block(value).join('\n')}\n`
}

/** The lines of a value. */
function block(value: unknown): string[] {
  if (Array.isArray(value) && value.length > 0) {
    return value.flatMap((item) => block(item).map((line, index) => `${index === 0 ? '- ' : '  '}${line}`))
  }
  if (isMapping(value)) {
    const keys = Object.keys(value).filter((key) => value[key] !== undefined)
    if (keys.length > 0) return keys.sort().flatMap((key) => field(text(key), value[key]))
  }
  return [scalar(value)]
}

function field(key: string, value: unknown): string[] {
  const lines = block(value)
  if (Array.isArray(value) && value.length > 0) return [`${key}:`, ...lines]
  if (isMapping(value) && lines[0] !== '{}') return [`${key}:`, ...lines.map((line) => `  ${line}`)]
  return [`${key}: ${lines[0]}`]
}

function scalar(value: unknown): string {
  if (Array.isArray(value)) return '[]'
  if (isMapping(value)) return '{}'
  return typeof value === 'string' ? text(value) : String(value ?? null)
}

/** Text some YAML 1.1 or 1.2 reader takes for null, a boolean, a number or a date. */
const ambiguous = [
  /^(~|null|true|false|yes|no|on|off|y|n|<<|=)?$/i,
  /^[-+]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(e[-+]?\d*)?$/i,
  /^[-+]?0(x[\da-f_]+|o[0-7_]+|b[01_]+)$/i,
  /^[-+]?\d[\d_]*(:[0-5]?\d)+(\.\d*)?$/,
  /^[-+]?\.(inf|nan)$/i,
  /^\d{4}-\d{1,2}-\d{1,2}/,
]

/** As go-yaml: double quotes where another type is meant to be avoided, single ones for syntax. */
function text(value: string): string {
  if (!/^[\x20-\x7e]*$/.test(value)) return escaped(value)
  if (ambiguous.some((pattern) => pattern.test(value))) return `"${value}"`
  const syntax = /^[\s,[\]{}#&*!|>'"%@`]|^[-?:](\s|$)|^(---|\.\.\.)|:\s|\s#|[\s:]$/.test(value)
  return syntax ? `'${value.replaceAll("'", "''")}'` : value
}

/** JSON's form; what YAML does not allow to stand there as it is (C1 controls, line separators) is written as a number. */
function escaped(value: string): string {
  return JSON.stringify(value).replace(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
