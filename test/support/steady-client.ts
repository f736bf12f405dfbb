import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { load } from 'js-yaml'

/** How often it reads, and how often it writes. */
const everyMs = 100
/** When a request counts as failed; a client such as kubectl waits longer. */
const patienceMs = 5_000

/** What a client saw in a stretch of time. */
export interface Seen {
  /** Longest time without an answer, in milliseconds, reads and writes each for themselves. */
  longestGapMs: number
  /** Requests that brought no answer, or one that says no. */
  failed: number
  /** Requests whose connection was closed under them, and that were asked again at once. */
  cut: number
  requests: number
  /** What failed ones said, each once. */
  errors: readonly string[]
}

export interface SteadyClient {
  /** What it sees while something is done, and until `settledMs` after it. */
  during(action: () => Promise<unknown>, settledMs?: number): Promise<Seen>
  /** Ends it. Returns the acknowledged writes that the cluster does not have; what it wrote stays there. */
  stop(): Promise<string[]>
}

/** The server said no. */
class Refused extends Error {
  constructor(
    readonly status: number,
    text: string,
  ) {
    super(`${status}: ${text.slice(0, 200)}`)
  }
}

/** The connection was closed under the request. Clients ask again on a new one, as every controller does. */
class Cut extends Error {}

interface Attempt {
  kind: 'read' | 'write'
  began: number
  ended: number
  error: string | undefined
}

/**
 * Reads and writes through the cluster's endpoint, ten times a second each, whether or not earlier requests were
 * answered: as many clients would. Each write is an object of its own, so that one that was acknowledged and
 * lost is found.
 * @param kubeconfig the administrator's, of a file
 * @param address of the endpoint, whose name need not resolve here
 * @param connections kept: a pool of connections, as controllers have them; fresh: one for each request, as kubectl
 */
export function steadyClient(
  kubeconfig: string,
  address: string,
  connections: 'kept' | 'fresh',
): SteadyClient {
  const access = accessOf(kubeconfig)
  const agent = new Agent({ keepAlive: connections === 'kept' })
  const run = `steady-${connections}-${Date.now()}`
  const path = '/api/v1/namespaces/default/configmaps'
  const attempts: Attempt[] = []
  const cuts: number[] = []
  const acknowledged: string[] = []
  const underWay = new Set<Promise<void>>()

  const once = (
    method: string,
    url: string,
    body: unknown,
    timeoutMs: number,
    through: Agent | false = agent,
  ): Promise<string> =>
    new Promise((resolve, reject) => {
      const asked = request(
        {
          ...access,
          host: address,
          servername: access.host,
          agent: through,
          method,
          path: url,
          headers: { 'content-type': 'application/json' },
        },
        (response) => {
          const parts: Buffer[] = []
          response.on('data', (part: Buffer) => parts.push(part))
          response.on('error', reject)
          response.on('end', () => {
            const text = Buffer.concat(parts).toString()
            if ((response.statusCode ?? 500) < 300) resolve(text)
            else reject(new Refused(response.statusCode ?? 500, text))
          })
        },
      )
      const patience = setTimeout(() => asked.destroy(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs)
      asked.on('close', () => clearTimeout(patience))
      asked.on('error', (error: NodeJS.ErrnoException) =>
        reject(error.code === 'ECONNRESET' ? new Cut(error.message) : error),
      )
      asked.end(body === undefined ? undefined : JSON.stringify(body))
    })
  const send = (method: string, url: string, body?: unknown, timeoutMs = patienceMs): Promise<string> =>
    once(method, url, body, timeoutMs).catch((error: unknown) => {
      if (!(error instanceof Cut)) throw error
      cuts.push(performance.now())
      return once(method, url, body, timeoutMs, false).catch((second: unknown) => {
        // what was asked had been done
        if (method === 'POST' && second instanceof Refused && second.status === 409) return ''
        throw second
      })
    })

  const attempt = (kind: Attempt['kind'], asked: Promise<unknown>): void => {
    const began = performance.now()
    const note = (error: string | undefined): void => {
      attempts.push({ kind, began, ended: performance.now(), error })
      underWay.delete(noted)
    }
    const noted = asked.then(
      () => note(undefined),
      (error: Error) => note(error.message),
    )
    underWay.add(noted)
  }

  let n = 0
  const timer = setInterval(() => {
    n += 1
    const name = `${run}-${n}`
    const metadata = { name, labels: { steady: run } }
    const write = send('POST', path, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { n: `${n}` } })
    attempt(
      'write',
      write.then(() => acknowledged.push(name)),
    )
    attempt('read', send('GET', '/api/v1/namespaces/default'))
  }, everyMs)

  return {
    during: async (action, settledMs = 1_000) => {
      const from = performance.now()
      await action()
      await new Promise((resolve) => setTimeout(resolve, settledMs))
      const until = performance.now()
      await Promise.all(underWay)
      return { ...seenOf(attempts, from, until), cut: cuts.filter((at) => at >= from && at <= until).length }
    },
    stop: async () => {
      clearInterval(timer)
      await Promise.all(underWay)
      const list: { items: { metadata: { name: string } }[] } = JSON.parse(
        await send('GET', `${path}?labelSelector=steady%3D${run}`, undefined, 30_000),
      )
      const there = new Set(list.items.map(({ metadata }) => metadata.name))
      agent.destroy()
      return acknowledged.filter((name) => !there.has(name))
    },
  }
}

/** What was seen of attempts that began, or ended, between two moments. */
export function seenOf(attempts: readonly Attempt[], from: number, until: number): Omit<Seen, 'cut'> {
  const within = attempts.filter(({ began, ended }) => began <= until && ended >= from)
  const failures = within.filter(({ error }) => error !== undefined)
  const gaps = (['read', 'write'] as const).map((kind) => {
    const answers = attempts
      .filter((one) => one.kind === kind && one.error === undefined)
      .map(({ ended }) => ended)
      .sort((a, b) => a - b)
    // up to the end, too: nobody may have been answered since
    const gap = [...answers, until].map((at, i) => {
      const before = answers[i - 1] ?? from
      return at >= from && before <= until ? at - Math.max(before, 0) : 0
    })
    return Math.max(0, ...gap)
  })
  return {
    longestGapMs: Math.round(Math.max(...gaps)),
    failed: failures.length,
    requests: within.length,
    errors: [...new Set(failures.map(({ error }) => error ?? ''))],
  }
}

function accessOf(file: string): { host: string; port: number; ca: string; cert: string; key: string } {
  const config = load(readFileSync(file, 'utf8')) as {
    clusters: { cluster: { server: string; 'certificate-authority-data': string } }[]
    users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[]
  }
  const cluster = config.clusters[0]?.cluster
  const user = config.users[0]?.user
  if (!cluster || !user) throw new Error(`${file} is no kubeconfig of an administrator`)
  const server = new URL(cluster.server)
  const text = (base64: string): string => Buffer.from(base64, 'base64').toString()
  return {
    host: server.hostname,
    port: Number(server.port),
    ca: text(cluster['certificate-authority-data']),
    cert: text(user['client-certificate-data']),
    key: text(user['client-key-data']),
  }
}
