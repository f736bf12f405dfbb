import { canonicalAddress, parseAddress } from '../../lib/cidr.js'
import { UserError } from '../../lib/errors.js'
import { isSshHost } from '../../lib/grammar/ssh-names.js'
import { visibleLine } from '../../lib/visible.js'
import { isNodeName } from './node-name.js'

/** A host as a person names it. */
export interface HostArgument {
  /** Node name; undefined where none was given. */
  name: string | undefined
  /** What SSH dials: an address in its one form, a host name, or an alias of the SSH configuration. */
  target: string
}

/** How a host may be written. */
export const hostForms = 'ADDRESS, NAME=ADDRESS or a host name that ssh knows'

/**
 * Hosts of one flag or answer, separated by commas or blanks: ADDRESS, NAME=ADDRESS, HOSTNAME or NAME=HOSTNAME.
 * @param where what the reader is told they stand in: "--worker"
 * Throws UserError('usage') for one that cannot be a host.
 */
export function parseHosts(where: string, texts: readonly string[]): HostArgument[] {
  return texts.flatMap((text) => {
    const words = text.split(/[\s,]+/).filter(Boolean)
    if (words.length === 0) throw new UserError('usage', `${where} has no host`, { next: `use ${hostForms}` })
    return words.map((word) => parseHost(where, word))
  })
}

function parseHost(where: string, word: string): HostArgument {
  const cut = word.indexOf('=')
  const given = cut < 0 ? undefined : word.slice(0, cut).toLowerCase()
  const target = word.slice(cut + 1).replace(/^\[(.*)\]$/, '$1')
  const refuse = (what: string, next = `use ${hostForms}`): UserError =>
    new UserError('usage', `${where} ${visibleLine(word)}: ${what}`, { next })
  if (given !== undefined && !isNodeName(given))
    throw refuse(
      `"${visibleLine(given)}" cannot be a node name`,
      'use letters, digits, - and . (RFC 1123), at most 63',
    )
  if (parseAddress(target)) return { name: given, target: canonicalAddress(target) }
  if (/^[0-9.]+$/.test(target)) throw refuse(`"${target}" is not an IP address`)
  if (target.includes('@'))
    throw refuse('a login user does not belong here', 'name the login user with --user')
  if (/[:/]/.test(target))
    throw refuse(`"${visibleLine(target)}" is not an address`, 'without a port (--port) and a prefix')
  if (!isSshHost(target) || target.length > 255 || !/^[\x21-\x7e]+$/.test(target))
    throw refuse(`"${visibleLine(target)}" is not a host name`)
  return { name: given, target }
}
