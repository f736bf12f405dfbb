import type { Host } from '../host/host.js'
import { isActive, unitState } from './unit-state.js'

/** Whether a unit of a host is active, as `systemctl is-active` says it. Throws UserError('step') when it could not be asked. */
export const unitRuns = async (host: Host, unit: string): Promise<boolean> =>
  isActive(await unitState(host, unit))
