import type { Connected } from '../../cluster/machine.js'
import { readFacts } from '../../host/facts/read-facts.js'
import type { Host } from '../../host/host.js'
import type { AtWork } from '../../host/run-scripts.js'
import { Hands, type Turn } from '../hands.js'

/** Whose the machines are; where another run was at work they are looked at again once what it did has ended. @param planes how many control planes the lock lies on */
export async function inTurn(
  connected: readonly Connected[],
  seen: ReadonlyMap<Host, AtWork>,
  caDirectories: readonly string[],
  turn: Turn | undefined,
  planes: number,
): Promise<{ connected: readonly Connected[]; hands: Hands | undefined }> {
  if (!turn) return { connected, hands: undefined }
  const hands = await Hands.look(connected, seen, turn, planes)
  if (!hands.stirred) return { connected, hands }
  const again = connected.map(
    async (machine): Promise<Connected> => ({
      ...machine,
      facts: await readFacts(machine.host, Date.now, caDirectories),
    }),
  )
  return { connected: await Promise.all(again), hands }
}
