import type { Streaming } from './connection.js'

/** A program or an image that is sent: it fails when nothing of it is accepted, however long the whole takes. */
export const sent: { streaming: Streaming; timeoutMs: number } = {
  streaming: { acceptMs: 60_000, finishMs: 600_000 },
  // for what is left on the host when this side is gone
  timeoutMs: 2 * 3_600_000,
}

/** How many of these streams go on at once: more would only be slower each, on one uplink. */
export const streamsAtOnce = 8
