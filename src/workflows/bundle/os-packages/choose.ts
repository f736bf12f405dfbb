import { type Connected, isControlPlane } from '../../../cluster/machine.js'
import type { RepositorySpec } from '../../../inventory/spec.js'
import { UserError } from '../../../lib/errors.js'
import type { ChosenPackage, Collecting } from '../../../os/offline.js'
import { type SystemWish, systemOf } from './wishes.js'

/** What hosts of one system need, as one of them found it in its repositories. */
export interface SystemChoice {
  wish: SystemWish
  /** The host that was asked, and its directory, which is to be removed. */
  from: Connected
  directory: string
  packages: readonly ChosenPackage[]
}

/** Lists of a distribution have tens of megabytes. */
const listsMs = 600_000
/** A host may say what it will; no bundle of a node has a tenth of either. */
const mostPackages = 5000
const mostBytes = 16 * 1024 ** 3

/** Each may need minutes until it has failed. */
const mostAsked = 3

/**
 * The hosts that may be asked. Whoever gives the packages rules over all hosts that install them: no worker does so for control
 * plane nodes unless it is named.
 */
function trusted({ hosts }: SystemWish, named: readonly string[]): readonly Connected[] {
  if (named.length > 0) return hosts.filter(({ spec }) => named.includes(spec.name))
  const planes = hosts.filter(isControlPlane)
  return planes.length > 0 ? planes : hosts
}

/**
 * Asks hosts of a system, one after the other until one answers, which packages it takes. Throws UserError('step') with the
 * words of each.
 * @param keys of repositories, by their paths
 * @param named names of the hosts that may be asked; none: control plane nodes, or others where the system has none of them
 */
export async function chooseFor(
  wish: SystemWish,
  keys: ReadonlyMap<string, string>,
  say: (line: string) => void,
  named: readonly string[] = [],
): Promise<SystemChoice> {
  const failed: string[] = []
  for (const from of trusted(wish, named).slice(0, mostAsked))
    try {
      say(`${from.spec.name}: looking for packages for ${systemOf(wish)}`)
      return await chooseOn(from, wish, keys)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      failed.push([`${from.spec.name}: ${error.message}`, ...(error.why ? [error.why] : [])].join('\n  '))
    }
  throw new UserError('step', `no host can download the packages for ${systemOf(wish)}`, {
    why: failed.join('\n') || 'no host of that system may be asked',
    next: 'a host of that system must reach its repositories, by the configuration of its own apt, while the bundle is created: name another one with --packages-from, or, of a host that is not one of the cluster, in an inventory with the same settings',
  })
}

async function chooseOn(
  from: Connected,
  wish: SystemWish,
  keys: ReadonlyMap<string, string>,
): Promise<SystemChoice> {
  const collecting = collectingOf(from)
  const { stdout } = await asked(from, {
    what: 'look for packages with all their dependencies',
    script: collecting.choose,
    args: [...repositoryArguments(from, keys), ...groupArguments(wish)],
    timeoutMs: listsMs,
  })
  const [first = '', ...lines] = stdout.toString().split('\n').filter(Boolean)
  const [, directory] = /^directory (\/var\/tmp\/kubestrap-packages\.[A-Za-z0-9]+)$/.exec(first) ?? []
  if (directory === undefined) throw strange(from, first)
  try {
    const packages = new Map<string, ChosenPackage>()
    for (const line of lines) {
      const one = collecting.packageIn(line, wish.arch)
      if (!one) throw strange(from, line)
      const other = packages.get(one.name)
      // groups have dependencies in common
      if (other && (other.version !== one.version || other.sha256 !== one.sha256)) throw strange(from, line)
      packages.set(one.name, one)
    }
    const found = [...packages.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
    const bytes = found.reduce((sum, { size }) => sum + size, 0)
    if (found.length === 0 || found.length > mostPackages || bytes > mostBytes)
      throw strange(from, `${found.length} packages of ${bytes} bytes`)
    return { wish, from, directory, packages: found }
  } catch (error) {
    await forget({ from, directory })
    throw error
  }
}

/** Removes what choosing left on a host; one that cannot be reached any more keeps it for a day. */
export async function forget({ from, directory }: Pick<SystemChoice, 'from' | 'directory'>): Promise<void> {
  await asked(from, {
    what: `remove ${directory}`,
    script: collectingOf(from).forget,
    args: [directory],
    timeoutMs: 60_000,
  }).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error
  })
}

/** What the system of a host can do; hosts of one that cannot are refused before. */
export function collectingOf({ os }: Connected): Collecting {
  if (!os.collecting) throw new Error(`${os.id} downloads no packages for others`)
  return os.collecting
}

export const groupArguments = ({ groups }: SystemWish): string[] =>
  groups.flatMap((group) => ['--', ...group])

/**
 * An answer of a host: it changes nothing but its directory for temporary files, so another run may be at work there.
 * Throws UserError('step') unless it exits 0.
 */
export async function asked(
  { host }: Connected,
  question: { what: string; script: string; args: readonly string[]; timeoutMs: number },
): ReturnType<Connected['host']['read']> {
  const answer = await host.read(question)
  if (answer.code === 0) return answer
  throw new UserError('step', `cannot ${question.what}`, { host: host.name, why: answer.stderr.trim() })
}

/** What a host said that no package manager says. Its words are data. */
export const strange = ({ spec }: Connected, said: string): UserError =>
  new UserError('step', 'the package manager did not answer as expected', {
    host: spec.name,
    why: JSON.stringify(said.slice(0, 200)),
  })

function repositoryArguments({ os, spec }: Connected, keys: ReadonlyMap<string, string>): string[] {
  const own = spec.os.repositories.map((wish) => {
    const files = os.repository(wish)
    return [files.id, files.definition.content, keyOf(wish, keys)]
  })
  return [String(own.length), ...own.flat()]
}

function keyOf({ key }: RepositorySpec, keys: ReadonlyMap<string, string>): string {
  const text = keys.get(key)
  if (text === undefined) throw new Error(`${key} was not read`)
  return text
}
