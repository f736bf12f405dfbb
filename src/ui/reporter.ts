import type { Emit } from '../engine/events.js'

/** A command on a host that has ended, as a reporter shows it. */
export interface CommandShown {
  type: 'change' | 'question'
  host: string
  what: string
  end: string
  ms: number
  tail?: string
}

/** Draws or prints what a run tells. Owns nothing of the run: not its flow, not its signals, not its exit. */
export interface Reporter {
  on: Emit
  /** Told of each command on a host, when it shows them. */
  onCommand?: (command: CommandShown, at: number) => void
  /** Waits until everything is shown. */
  close(): Promise<void>
}
