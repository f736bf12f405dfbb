import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { UserError } from '../../lib/errors.js'
import type { Report } from '../report.js'

const site = 'https://dl.k8s.io'
const connectDeadlineMs = 3_000
const goArch: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/**
 * The official release, each program checked against its published digest. False when the site
 * cannot be reached; a release that is reachable but wrong throws.
 * `pause` is not published as a program and comes as an image only, so an official release needs a registry too.
 */
export async function downloadRelease(
  version: string,
  names: readonly string[],
  into: string,
  report: Report,
): Promise<boolean> {
  const base = `${site}/v${version}/bin/linux/${goArch[process.arch] ?? process.arch}`
  if (!(await reachable(`${base}/kubelet.sha256`))) {
    report(`cannot reach ${site}`)
    return false
  }
  for (const name of names) {
    report(`downloading ${name} ${version}`)
    const [digest, program] = await Promise.all([fetch(`${base}/${name}.sha256`), fetch(`${base}/${name}`)])
    if (!digest.ok || !program.ok || !program.body)
      throw new UserError('preflight', `${base}/${name} answers ${program.status}`, {
        next: 'check that this version exists',
      })
    const path = join(into, name)
    await pipeline(Readable.fromWeb(program.body), createWriteStream(path, { mode: 0o755 }))
    const wanted = (await digest.text()).trim().split(/\s/)[0]
    const found = createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
    if (found !== wanted)
      throw new UserError('preflight', `${name} ${version} does not have the published digest`, {
        why: `published ${wanted}, downloaded ${found}`,
        next: 'run again; if the digests still differ, a proxy may change downloads',
      })
  }
  return true
}

async function reachable(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(connectDeadlineMs) })).ok
  } catch {
    return false
  }
}
