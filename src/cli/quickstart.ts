import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { known } from '../catalog.js'
import { imageTagIn, manifestFiles } from '../cluster/static-pod-files.js'
import { loadInventory } from '../inventory/load.js'
import { cacheDirectory } from '../lab/cache.js'
import { labDirectory } from '../lab/nspawn/directory.js'
import { UserError } from '../lib/errors.js'
import { packageRoot } from '../lib/package-root.js'
import { type FetchOptions, fetchText } from '../sources/fetch-text.js'
import type { Environment } from '../sources/tunnel.js'
import { type Bases, kubernetesProgram, sites } from '../sources/urls.js'

/** The labs of a quickstart, on the same machines: today's Kubernetes out of the Internet, and the one that Debian has. */
export const labs = { today: 'lab-today.yaml', debian: 'lab.yaml' } as const

type Lab = keyof typeof labs

/** Long enough for a slow line; a computer without the Internet is mostly told at once. */
const patienceMs = 5_000

const remembered = join(cacheDirectory, 'quickstart')

const pathOf = (lab: Lab): string => join(packageRoot, `inventories/${labs[lab]}`)

/**
 * The inventory of a quickstart that names none, and in its first line which Kubernetes that is, and why. Machines that
 * exist keep theirs, running or not: what a computer can reach may be another thing tomorrow, and their disks stay.
 */
export async function chosenLab(say: (line: string) => void): Promise<string> {
  const { lab: directory, version } = await loadInventory(pathOf('debian'), homedir(), known, 'look')
  const before = directory && (await labOfMachines(directory.directory, version, remembered))
  if (before) {
    say(`the machines of ${labs[before]} exist (npm run quickstart:down removes them)`)
    return pathOf(before)
  }
  const { lab, why } = await choose(whyNoDownload)
  say(why)
  await mkdir(cacheDirectory, { recursive: true })
  await writeFile(remembered, `${lab}\n`)
  return pathOf(lab)
}

/**
 * @param whyNot why today's Kubernetes cannot be downloaded; undefined when it can
 * @returns which lab, and the sentence that says so
 */
export async function choose(whyNot: () => Promise<string | undefined>): Promise<{ lab: Lab; why: string }> {
  const reason = await whyNot()
  return reason === undefined
    ? {
        lab: 'today',
        why: `Kubernetes ${known.newest}, the newest that was tested: the machines download it`,
      }
    : {
        lab: 'debian',
        why: `Kubernetes 1.20.2, built from Debian's source: ${known.newest} cannot be downloaded (${reason})`,
      }
}

/**
 * Asks for the digest of a kubelet, which is what a run would begin with: as the machines reach the site, which have no
 * proxy, and as this computer does.
 */
export async function whyNoDownload(
  bases: Bases = sites,
  { environment = process.env, ca }: { environment?: Environment; ca?: string } = {},
): Promise<string | undefined> {
  const here = environment.https_proxy || environment.HTTPS_PROXY
  const ways = [{}, ...(here ? [environment] : [])]
  const [directly, byProxy] = await Promise.all(ways.map((way) => whyNot(bases, { ca, environment: way })))
  if (directly === undefined) return byProxy
  return here
    ? `${directly}; the machines of ${labs.today} do not use the proxy of this computer: to use it, copy that inventory, add sources: { proxy: { https: … } }, and name it with -i`
    : directly
}

async function whyNot(
  bases: Bases,
  options: Pick<FetchOptions, 'ca' | 'environment'>,
): Promise<string | undefined> {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  const { digest, what } = kubernetesProgram(bases, known.newest, arch, 'kubelet')
  const next = ''
  try {
    await fetchText(
      {
        ...digest,
        what: `the digest of ${what}`,
        missing: { kind: 'preflight', why: `${digest.url} is not there`, next },
        next,
      },
      { ...options, deadlineMs: patienceMs },
    )
    return undefined
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return error.why ?? error.message
  }
}

/**
 * The lab whose machines are there: by the version of the cluster on their disks, else by what was chosen when they were
 * created; undefined where there are none, or nothing tells.
 * @param version of Debian's Kubernetes
 * @param file with the last choice
 */
export async function labOfMachines(
  directory: string,
  version: string,
  file: string,
): Promise<Lab | undefined> {
  const machines = (await labDirectory(directory))?.machines ?? []
  if (machines.length === 0) return undefined
  const manifests = await Promise.all(
    machines.map((name) => textOf(join(directory, 'machines', name, 'upper', manifestFiles.apiServer))),
  )
  const runs = manifests.flatMap((manifest) => imageTagIn(manifest) ?? [])[0]
  if (runs !== undefined) return runs === `v${version}` ? 'debian' : 'today'
  const lab = (await textOf(file)).trim()
  return lab === 'today' || lab === 'debian' ? lab : undefined
}

/** '' of a file that is not there. */
const textOf = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')
