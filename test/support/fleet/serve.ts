import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { fleetKubelet } from './fleet-kubelet.js'
import type { Identity, Recording } from './recording.js'
import { ReplayedHost } from './replayed-host.js'
import { byNamespace, byReplay, type Seen, sshFront } from './ssh-front.js'

/** What a process that serves SSH is told, in a file. */
export interface Served {
  /** "ssh-ed25519 AAAA…" of the operator. */
  allowed: string
  /** A simulated host: its first process. */
  simulated?: { name: string; pid: number; hostKey: string }
  replayed?: {
    recording: string
    hosts: readonly (Identity & { hostKey: string })[]
    adminConf: string
    /** What hosts know it as, and where it is. */
    api: { name: string; host: string; port: number }
  }
}

/** What it says when it is asked. */
export interface Counted {
  seen: Record<string, Seen>
  /** Questions that no answer was recorded for, and what went wrong, by host. */
  unknown: Record<string, string[]>
  changed: Record<string, string[]>
}

/** Serves port 22 of every host it is told of, until the process that started it is gone. It is for the network it runs in. */
export async function serve(file: string): Promise<void> {
  const { allowed, simulated, replayed }: Served = JSON.parse(readFileSync(file, 'utf8'))
  const seen: Record<string, Seen> = {}
  const hosts = new Map<string, ReplayedHost>()
  const fronts = new Map<string, ReturnType<typeof sshFront>>()
  const count = (name: string): Seen => {
    const one = { connections: 0, commands: 0, streams: 0 }
    seen[name] = one
    return one
  }
  if (replayed) {
    const recording: Recording = JSON.parse(readFileSync(replayed.recording, 'utf8'))
    const kubelet = fleetKubelet(replayed.adminConf, replayed.api)
    for (const { hostKey, ...identity } of replayed.hosts) {
      const host = new ReplayedHost(identity, recording, kubelet)
      hosts.set(identity.name, host)
      fronts.set(
        identity.address,
        sshFront(hostKey, allowed, count(identity.name), byReplay(host), {
          [replayed.api.name]: replayed.api.host,
        }),
      )
    }
  }
  const only =
    simulated && sshFront(simulated.hostKey, allowed, count(simulated.name), byNamespace(simulated.pid))
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {})
    const front = only ?? fronts.get(socket.localAddress ?? '')
    if (front) front(socket)
    else socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen({ port: 22, host: '0.0.0.0', backlog: 1024 }, resolve))
  process.on('disconnect', () => process.exit())
  process.on('message', () => {
    const told = (of: 'unknown' | 'changed') =>
      Object.fromEntries([...hosts].map(([name, host]) => [name, host[of].splice(0)]))
    const counted: Counted = {
      seen: structuredClone(seen),
      unknown: told('unknown'),
      changed: told('changed'),
    }
    for (const one of Object.values(seen)) one.connections = one.commands = one.streams = 0
    process.send?.(counted)
  })
  process.send?.('ready')
}
