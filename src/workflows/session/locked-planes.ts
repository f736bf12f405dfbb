import type { HostSpec } from '../../inventory/spec.js'

/**
 * How many control planes the cluster's lock lies on: not those that the inventory declares down, nor any that is about to be
 * taken out and does not answer. None where hosts are taken out of which none is a control plane, and no control plane
 * was reached: there is nobody to keep a lock, and each host that leaves refuses an earlier run by itself.
 * @param hosts of the inventory
 * @param connected those that were reached
 * @param leaving names of those that are about to be taken out
 */
export function lockedPlanes(
  hosts: readonly HostSpec[],
  connected: readonly { spec: HostSpec }[],
  leaving: readonly string[] = [],
): number {
  const isPlane = ({ roles }: Pick<HostSpec, 'roles'>): boolean => roles.includes('control-plane')
  if (
    leaving.length > 0 &&
    !connected.some(({ spec }) => isPlane(spec)) &&
    !hosts.some((host) => isPlane(host) && leaving.includes(host.name))
  )
    return 0
  return hosts.filter(
    ({ name, roles, state }) =>
      isPlane({ roles }) &&
      state !== 'down' &&
      (!leaving.includes(name) || connected.some(({ spec }) => spec.name === name)),
  ).length
}
