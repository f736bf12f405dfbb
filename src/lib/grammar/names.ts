import { type Grammar, pattern } from './grammar.js'

/**
 * The kernel (dev_valid_name) allows more than this; files that name interfaces (keepalived.conf, manifests) give
 * most of the rest a meaning.
 */
export const interfaceName: Grammar = pattern(
  'the name of a network interface',
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/,
  'as ip link shows it: letters, digits, ".", "_" and "-", at most 15',
)

const flag = /^[a-z][a-z0-9]*(?:[-_.][a-z0-9]+)*$/

/** A flag as spf13/pflag and etcd name theirs. */
export const flagName: Grammar = pattern('the name of a flag', flag, (text) => {
  const [name = ''] = text.toLowerCase().replace(/^-+/, '').split(/[=\s]/)
  return flag.test(name) ? name : 'the flag without its leading dashes and without its value: audit-log-path'
})

/** Names of groups are typed on command lines (--limit), where a comma separates and * ? [ mean something. */
export const groupName: Grammar = pattern(
  'the name of a group',
  /^[A-Za-z0-9_](?:[A-Za-z0-9._ -]{0,61}[A-Za-z0-9_])?$/,
  'letters, digits, ".", "_" and "-", at most 63',
)

/** It becomes part of the names of contexts, of file names, and a flag of the controller manager. */
export const clusterName: Grammar = pattern(
  'the name of a cluster',
  /^[^\s\p{C}](?:[^\p{C}]*[^\s\p{C}])?$/u,
  'printable characters, no blank at either end, at most 253: production',
  253,
)

/** RFC 1123 label, as Kubernetes checks names of volumes of a Pod. */
export const volumeName: Grammar = pattern(
  'the name of a volume',
  /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/,
  'lower-case letters, digits and "-", at most 63: audit-policy',
  63,
)

export const sha256: Grammar = pattern(
  'a SHA-256',
  /^[0-9a-f]{64}$/i,
  '64 hexadecimal digits, as sha256sum prints them',
)
