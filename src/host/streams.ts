import type { Streaming } from './connection.js'

/** A program or an image that is sent: it fails when nothing, or too little, of it is accepted, however long the whole takes. */
export const sent: { streaming: Streaming; timeoutMs: number } = {
  streaming: {
    acceptMs: 60_000,
    finishMs: 600_000,
    // 50 MB in less than four hours
    leastRate: { bytesPerSecond: 4096, overMs: 180_000 },
  },
  // for what is left on the host when this side is gone
  timeoutMs: 2 * 3_600_000,
}

/** How many of these streams go on at once: more would only be slower each, on one uplink. */
export const streamsAtOnce = 8

/**
 * How many of them one of so many hosts may have: one that accepts them slowly must not keep all others waiting. At
 * least two, so that its line is not idle between them.
 */
export const streamsOfOne = (atOnce: number, hosts: number): number =>
  Math.max(Math.min(2, atOnce), Math.ceil(atOnce / Math.max(1, hosts)))
