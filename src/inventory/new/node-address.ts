import { canonicalAddress, parseAddress, unusableAddress } from '../../lib/cidr.js'
import { UserError } from '../../lib/errors.js'
import { type Look, sightOf } from './sight.js'
import type { WantedHost } from './wanted-hosts.js'

/**
 * The address of a host as a node: what SSH dials where the machine has it, else that of its default route (a public
 * address in front of a cloud's machine is none of its own). Throws UserError('usage') when none is known.
 */
export function nodeAddress({ target, at }: WantedHost, look: Look): string {
  const dialled = [parseAddress(target) ? target : look.dialled].filter(isUsable)
  const sight = sightOf(look)
  const own = (sight?.addresses ?? []).filter(isUsable).map(canonicalAddress)
  const preferred = [...dialled.filter((one) => own.includes(one)), sight?.defaultAddress].filter(isUsable)
  const [address] = [...preferred, ...own, ...dialled]
  if (address !== undefined) return canonicalAddress(address)
  throw new UserError('usage', `${at}: no address of the host is known`, {
    why: parseAddress(target)
      ? `${target} is a ${unusableAddress(target)} address, and the machine could not be asked for another`
      : `${target} does not resolve on this computer, and the machine could not be asked`,
    next: "name its address: NAME=ADDRESS, and check that ssh reaches it; or set the host's address in the file yourself",
  })
}

const isUsable = (address: string | undefined): address is string =>
  address !== undefined && parseAddress(address) !== undefined && unusableAddress(address) === undefined
