import type { HostSpec } from '../../inventory/spec.js'

/**
 * How many control planes the cluster's lock lies on: not those that the inventory declares down, nor any that is about to be
 * taken out and does not answer.
 * @param hosts of the inventory
 * @param connected those that were reached
 * @param leaving names of those that are about to be taken out
 */
export function lockedPlanes(
  hosts: readonly HostSpec[],
  connected: readonly { spec: HostSpec }[],
  leaving: readonly string[] = [],
): number {
  return hosts.filter(
    ({ name, roles, state }) =>
      roles.includes('control-plane') &&
      state !== 'down' &&
      (!leaving.includes(name) || connected.some(({ spec }) => spec.name === name)),
  ).length
}
