import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { known } from '../catalog.js'
import { loadInventory } from '../inventory/load.js'
import { cacheDirectory } from '../lab/cache.js'
import { labStatus } from '../lab/nspawn/lab.js'
import { UserError } from '../lib/errors.js'
import { packageRoot } from '../lib/package-root.js'
import { fetchText } from '../sources/fetch-text.js'
import { kubernetesProgram, sites } from '../sources/urls.js'

/** The labs of a quickstart, on the same machines: today's Kubernetes out of the Internet, and the one that Debian has. */
export const labs = { today: 'lab-today.yaml', debian: 'lab.yaml' } as const

type Lab = keyof typeof labs

/** Long enough for a slow line; a computer without the Internet is mostly told at once. */
const patienceMs = 5_000

const remembered = join(cacheDirectory, 'quickstart')

const pathOf = (lab: Lab): string => join(packageRoot, `inventories/${labs[lab]}`)

/**
 * The inventory of a quickstart that names none, and in its first line which Kubernetes that is, and why. Machines that
 * run keep theirs: what a computer can reach may be another thing tomorrow.
 */
export async function chosenLab(say: (line: string) => void): Promise<string> {
  const before = await ofRunningMachines()
  if (before) {
    say(`the machines of ${labs[before]} are running`)
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

/** Asks for the digest of a kubelet, which is what a run would begin with. */
async function whyNoDownload(): Promise<string | undefined> {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  const { digest, what } = kubernetesProgram(sites, known.newest, arch, 'kubelet')
  const next = ''
  try {
    await fetchText(
      {
        ...digest,
        what: `the digest of ${what}`,
        missing: { kind: 'preflight', why: `${digest.url} is not there`, next },
        next,
      },
      { ca: undefined, deadlineMs: patienceMs },
    )
    return undefined
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return error.why ?? error.message
  }
}

async function ofRunningMachines(): Promise<Lab | undefined> {
  const lab = (await readFile(remembered, 'utf8').catch(() => '')).trim()
  if (lab !== 'today' && lab !== 'debian') return undefined
  const spec = await loadInventory(pathOf(lab), homedir(), known, 'look')
  return (await labStatus(spec)).some(({ running }) => running) ? lab : undefined
}
