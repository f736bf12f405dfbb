import { hopsOfOne, type Peers } from './peers.js'

/** To how many hosts one file is sent from here at once, as long as others will fetch from them: one may fail. */
export const seeds = 2

/** Who gets the file next, and from whom. */
export interface Assignment {
  receiver: string
  /** A host that has it; undefined: this computer. */
  source: string | undefined
}

/**
 * How one file comes to all hosts that want it: from this computer to a few, from each that has it to others, as a tree
 * that grows as hosts ask and finish. Decides who may begin, and does nothing; every assignment has to end in `ended`.
 * Nobody waits for a host that is not at it: as long as something is under way its end gives the next assignments, and
 * with nothing under way this computer sends.
 */
export class FanOut {
  readonly #waiting = new Set<string>()
  readonly #has = new Set<string>()
  readonly #underWay: Assignment[] = []

  constructor(readonly peers: Peers) {}

  /** A host wants it now. */
  ask(receiver: string): void {
    this.#waiting.add(receiver)
  }

  /**
   * Those who may begin now.
   * @param load how many streams from here a host has now, of all files
   */
  next(load: (host: string) => number = () => 0): Assignment[] {
    const begun: Assignment[] = []
    const begin = (receiver: string, source: string | undefined): void => {
      this.#waiting.delete(receiver)
      const assignment = { receiver, source }
      this.#underWay.push(assignment)
      begun.push(assignment)
      if (source !== undefined) this.peers.began(receiver, source)
    }
    const sources = [...this.#has].filter((host) => this.peers.isSource(host))
    const room = sources.filter((host) => this.peers.sending(host) < hopsOfOne)
    for (const receiver of [...this.#waiting])
      if (!this.peers.isReceiver(receiver)) begin(receiver, undefined)
      else if (room.length > 0 && this.peers.receiving(receiver) < hopsOfOne) {
        const refused = this.peers.refusalsOf(receiver)
        const [source] = room
          .filter((host) => !refused.has(host))
          .sort((a, b) => this.peers.sending(a) - this.peers.sending(b))
        if (source === undefined) continue
        begin(receiver, source)
        if (this.peers.sending(source) >= hopsOfOne) room.splice(room.indexOf(source), 1)
      }
    // who has a source waits for it: whatever that does now ends
    const mine = [...this.#waiting].filter((receiver) => {
      const refused = this.peers.refusalsOf(receiver)
      return sources.every((host) => refused.has(host))
    })
    const loads = new Map(mine.map((receiver) => [receiver, load(receiver)]))
    // hosts that are sent to already get the next file after those that are not
    mine.sort((a, b) => (loads.get(a) ?? 0) - (loads.get(b) ?? 0))
    for (const receiver of mine) {
      const fromHere = this.#underWay.filter(({ source }) => source === undefined).length
      const busy = (loads.get(receiver) ?? 0) >= hopsOfOne
      if (fromHere >= seeds || (busy && this.#underWay.length > 0)) break
      begin(receiver, undefined)
    }
    return begun
  }

  /** An assignment has ended. @param hasIt whether the receiver has the file now, and can give it to others */
  ended(assignment: Assignment, hasIt: boolean): void {
    const i = this.#underWay.indexOf(assignment)
    if (i !== -1) this.#underWay.splice(i, 1)
    if (hasIt) this.#has.add(assignment.receiver)
  }
}
