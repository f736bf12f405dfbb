import type { Host } from '../host/host.js'
import { oncePerTurn } from './once-per-turn.js'

const asked = new WeakMap<Host, Map<string, () => Promise<boolean>>>()

/** Whether a unit of a host is active; asked once however many ask in one turn. */
export async function unitRuns(host: Host, unit: string): Promise<boolean> {
  const ofHost = asked.get(host) ?? new Map<string, () => Promise<boolean>>()
  asked.set(host, ofHost)
  const ask =
    ofHost.get(unit) ??
    oncePerTurn(async () => {
      const answer = await host.read({ script: 'systemctl is-active --quiet -- "$1"', args: [unit] })
      return answer.code === 0
    })
  ofHost.set(unit, ask)
  return ask()
}
