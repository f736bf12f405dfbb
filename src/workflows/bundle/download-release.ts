import { UserError } from '../../lib/errors.js'
import type { Doubt } from '../../sources/doubt.js'
import { downloadFile } from '../../sources/download-file.js'
import { openStream } from '../../sources/open-stream.js'
import type { Site } from '../../sources/urls.js'

/** The largest program of Kubernetes has a tenth of it. */
const mostBytes = 2 * 1024 ** 3

/** Downloads a published file by its digest. Throws as `downloadFile`, 'inventory' where it is not there. */
export async function downloadRelease(
  {
    what,
    sha256,
    path,
    site,
    doubt,
  }: { what: string; sha256: string; path: string; site: Site; doubt?: Doubt | undefined },
  url: string,
  { ca, idleMs, signal }: { ca: string | undefined; idleMs: number; signal: AbortSignal | undefined },
): Promise<void> {
  const mirror = `name a mirror that has it (sources.mirrors.${site})`
  await downloadFile({
    what,
    sha256,
    size: undefined,
    maxBytes: mostBytes,
    path,
    doubt,
    next: `what is there whole is kept: run again; or ${mirror}`,
    open: async (headers) => {
      const answer = await openStream({ url, headers, ca, idleMs, signal })
      if (answer.status === 200 || answer.status === 206) return answer
      answer.body.destroy()
      const absent = answer.status === 404 || answer.status === 410
      throw new UserError(absent ? 'inventory' : 'connection', `cannot download ${what}`, {
        why: answer.words,
        next: absent ? `its digest is published, and it is not: ${mirror}` : `run again later, or ${mirror}`,
      })
    },
  })
}
