import type { HttpClient } from '../kubernetes/client/http.js'

/** One of several servers that give the same answers. */
export interface Server {
  name: string
  /** Undefined when it is not there yet. */
  open(): Promise<HttpClient | undefined>
}

interface Chosen {
  name: string
  http: HttpClient
  /** It said it is ready, or is the only one: it need not be asked again. */
  ready: boolean
}

/** An API server that is there says in milliseconds whether it is ready. */
const readyMs = 3_000

/**
 * Requests to the first of several servers that is ready. One that stops answering is passed over; a GET
 * that met it in that moment is sent once more, to another. What changes something is not: it may have been done.
 */
export function firstOf(servers: readonly Server[]): {
  http: HttpClient
  /** Whether any of them is there. Throws when one is, and none answers. */
  known(): Promise<boolean>
  /** Its credentials are others now. */
  forget(name: string): void
} {
  const made = new Map<string, HttpClient>()
  let current: Promise<Chosen | undefined> | undefined
  const choose = (): Promise<Chosen | undefined> => {
    if (current) return current
    const choosing: Promise<Chosen | undefined> = pick(servers, made).then(
      (chosen) => {
        if (chosen?.ready !== true && current === choosing) current = undefined
        return chosen
      },
      (error: unknown) => {
        if (current === choosing) current = undefined
        throw error
      },
    )
    current = choosing
    return choosing
  }
  const must = async (): Promise<Chosen> => {
    const chosen = await choose()
    if (!chosen) throw new Error('no API server runs yet')
    return chosen
  }
  const forget = (name: string): void => {
    made.get(name)?.close()
    made.delete(name)
    current = undefined
  }
  const http: HttpClient = {
    send: async (method, path, options) => {
      const { name, http: first } = await must()
      try {
        return await first.send(method, path, options)
      } catch (error) {
        if (servers.length < 2) throw error
        // others may be in the middle of requests of their own: those end by themselves
        if (made.get(name) === first) current = undefined
        if (method !== 'GET') throw error
        return (await must()).http.send(method, path, options)
      }
    },
    aged: () => false,
    follow: async (path, follower, signal) => (await must()).http.follow(path, follower, signal),
    channels: async (path) => (await must()).http.channels(path),
    close: () => {
      for (const one of made.values()) one.close()
      made.clear()
      current = undefined
    },
  }
  return { http, known: async () => (await choose()) !== undefined, forget }
}

async function pick(servers: readonly Server[], made: Map<string, HttpClient>): Promise<Chosen | undefined> {
  // all are looked for in one turn: questions to a host travel together
  const found = await Promise.allSettled(
    servers.map(async ({ name, open }) => {
      const http = made.get(name) ?? (await open())
      if (http) made.set(name, http)
      return http && { name, http }
    }),
  )
  const there = found.flatMap((one) => (one.status === 'fulfilled' && one.value ? [one.value] : []))
  const [only] = there
  if (!only) {
    const lost = found.find((one) => one.status === 'rejected')
    if (lost) throw lost.reason
    return undefined
  }
  if (there.length === 1) return { ...only, ready: true }
  let aged: Chosen | undefined
  let answering: Chosen | undefined
  let silence: unknown
  for (const one of there) {
    try {
      const { status } = await one.http.send('GET', '/readyz', { timeoutMs: readyMs })
      // one whose certificate has expired is only read from, until it has a new one
      if (status === 200 && !one.http.aged()) return { ...one, ready: true }
      if (status === 200) aged ??= { ...one, ready: false }
      else answering ??= { ...one, ready: false }
    } catch (error) {
      silence ??= error
    }
  }
  const next = aged ?? answering
  if (next) return next
  throw silence
}
