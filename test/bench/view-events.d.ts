import type { RunEvent } from '../../src/engine/events.js'

export function eventsOf(hosts: number, ms: number, failing?: number): RunEvent[]
