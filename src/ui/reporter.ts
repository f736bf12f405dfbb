import type { Emit } from '../engine/events.js'

/** Draws or prints what a run tells. Owns nothing of the run: not its flow, not its signals, not its exit. */
export interface Reporter {
  on: Emit
  /** Waits until everything is shown. */
  close(): Promise<void>
}
