import type { Command } from '../host/connection.js'
import { downloadScript, noDownloader, otherDigest } from '../host/download-script.js'
import type { Host } from '../host/host.js'
import { digestCache } from '../host/stat-script.js'
import { UserError } from '../lib/errors.js'
import { type Doubt, tellDoubted } from '../sources/doubt.js'
import type { Origin, Way } from '../sources/program.js'

/** A program of tens of megabytes over a slow line; that it goes on, and that this side is there, the host itself watches. */
const longestMs = 6 * 3_600_000
/** Seconds without a byte after which a download has failed. */
export const idleSeconds = 60

/**
 * A file that the host fetches and holds to its digest; it appears whole or not at all. Throws UserError('step') with
 * the words of the host.
 * @param onBytes told how many bytes have come
 */
export async function download(
  host: Host,
  { name, sha256 }: { name: string; sha256: string },
  origin: Extract<Origin, { kind: 'url' }>,
  path: string,
  onBytes: (bytes: number) => void,
): Promise<void> {
  await downloadBy(host, { ...origin, name }, onBytes, {
    script: downloadScript,
    args: [path, '0755', sha256, origin.url, digestCache, String(idleSeconds)],
  })
}

/**
 * Has the host download by a script that reads `way.ca`, in base64, and prints how many bytes have come. Throws
 * UserError('step') with the words of the host and what to do about a download that failed.
 */
export async function downloadBy(
  host: Host,
  { name, url, way, doubt }: { name: string; url: string; way: Way; doubt?: Doubt | undefined },
  onBytes: (bytes: number) => void,
  command: Pick<Command, 'script' | 'args' | 'ledger'>,
): Promise<void> {
  try {
    await host.mutate({
      ...command,
      what: `download ${url}`,
      stdin: `${Buffer.from(way.ca ?? '').toString('base64')}\n`,
      timeoutMs: longestMs,
      onOutput: sizeTold(onBytes),
    })
  } catch (error) {
    if (!(error instanceof UserError) || error.endsRun || error.next !== undefined) throw error
    throw new UserError('step', error.message, {
      host: host.name,
      why: error.why ?? '',
      next: await nextFor(error.message, name, url, doubt),
      cause: error,
    })
  }
}

/** "42 MB" */
export const megabytes = (bytes: number): string => `${Math.floor(bytes / 1_000_000)} MB`

/** Reads how much has come off the output of a download. */
const sizeTold =
  (onBytes: (bytes: number) => void): NonNullable<Command['onOutput']> =>
  (chunk, stream) => {
    const last = /(\d+)\s*$/.exec(chunk.toString())?.[1]
    if (stream === 'stdout' && last !== undefined) onBytes(Number(last))
  }

/** What to do about a download that failed, by its exit code. */
async function nextFor(
  message: string,
  name: string,
  url: string,
  doubt: Doubt | undefined,
): Promise<string> {
  const code = Number(/exit code (\d+)$/.exec(message)?.[1] ?? 0)
  if (code === noDownloader) return 'install curl on the host'
  if (code === otherDigest) return `${tellDoubted(name, await doubt?.())}; nothing was installed`
  return `check that the host reaches ${new URL(url).host}, or name a mirror (sources.mirrors); nothing was installed`
}
