import { readFacts } from '../../host/facts/read-facts.js'
import type { Host } from '../../host/host.js'
import type { AtWork } from '../../host/run-scripts.js'
import type { Machine } from '../../phases/machine.js'
import { Hands, type Turn } from '../hands.js'

/** Whose the machines are; where another run was at work they are looked at again once what it did has ended. */
export async function inTurn(
  machines: readonly Machine[],
  seen: ReadonlyMap<Host, AtWork>,
  caDirectories: readonly string[],
  turn: Turn | undefined,
): Promise<{ machines: readonly Machine[]; hands: Hands | undefined }> {
  if (!turn) return { machines, hands: undefined }
  const hands = await Hands.look(machines, seen, turn)
  if (!hands.stirred) return { machines, hands }
  const again = machines.map(
    async (machine): Promise<Machine> => ({
      ...machine,
      facts: await readFacts(machine.host, Date.now, caDirectories),
    }),
  )
  return { machines: await Promise.all(again), hands }
}
