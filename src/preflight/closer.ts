import { type Context, isNew } from '../cluster/context.js'
import { isEtcdHost, isNode, type Machine } from '../cluster/machine.js'
import { UserError } from '../lib/errors.js'
import { carries } from '../steps/balancer/balancer-settings.js'
import { neededPackages } from '../steps/programs/needed-packages.js'
import { type ExternalEtcdSeen, lookAtExternalEtcd } from './external-etcd.js'
import { type ImageLook, lookForImages } from './image-look.js'
import { type KubeletFlag, lookForKubeletFlags } from './kubelet-flags.js'
import { lookAtLinks, type Routed } from './links.js'
import { packagesElsewhere } from './package-checks.js'
import { lookAtPackages, type PackagesSeen } from './package-look.js'
import { type Presence, parsePresence, presenceScript } from './presence.js'
import { parseReached, type Reached, reachScript } from './reach.js'
import { lookAtVersions, type Versions } from './versions.js'
import { lookForVolumes, type VolumesSeen } from './volumes.js'
import { neededWays, type Way } from './ways.js'

/** What only a second question to machines tells; asked of those that are not nodes yet. */
export interface Closer {
  ways: readonly (Way & { result: Reached; words: string })[]
  /** By host name; absent: not asked, 'unknown': no answer. */
  presence: ReadonlyMap<string, Presence | 'unknown'>
  /** An etcd that is not ours, as control planes see it. */
  etcd: readonly ExternalEtcdSeen[]
  /** Of machines that need images the bundle lacks; all that need some are asked. */
  images: readonly ImageLook[]
  /** By name of each node that was asked: flags that its kubelet is given by others; 'unknown': no answer. */
  kubelets: ReadonlyMap<string, readonly KubeletFlag[] | 'unknown'>
  /**
   * By host name: packages that its system does not have itself, and with packages in the bundle all that it needs, as its
   * package manager knows them; absent: it needs none.
   */
  packages: ReadonlyMap<string, PackagesSeen>
  /** By host name: what runs there or would be installed; absent: not asked. */
  versions: ReadonlyMap<string, Versions | 'unknown'>
  /** By name of each node that was asked: nodes that it reaches by way of a router; empty: the network does not mind. */
  links: ReadonlyMap<string, readonly Routed[] | 'unknown'>
  volumes: VolumesSeen
}

/** For a run in which nobody is new. */
export const notCloser: Closer = {
  ways: [],
  presence: new Map(),
  etcd: [],
  images: [],
  kubelets: new Map(),
  links: new Map(),
  versions: new Map(),
  packages: new Map(),
  volumes: new Map(),
}

/** Seconds that a try waits; all are made at once. */
const patience = 2
const deadlineMs = 10_000

/**
 * Asks machines what facts leave open: who reaches whom, and what is installed already. One round trip,
 * to all at once; none when no machine is new and the bundle has every image.
 * @param everywhere also machines that are nodes already
 */
export async function lookCloser(context: Context, everywhere: boolean): Promise<Closer> {
  const isPart = (machine: Machine): boolean =>
    isNode(machine) ||
    isEtcdHost(machine) ||
    (context.balancer !== undefined && carries(context.balancer, machine.spec))
  const wanted = (machine: Machine): boolean => isPart(machine) && (everywhere || isNew(context, machine))
  // also later than at birth: an image the inventory now asks for may be nowhere
  const looking = lookForImages(context)
  const volumesThere = lookForVolumes(context)
  if (!context.machines.some(wanted)) {
    const [images, volumes] = await Promise.all([looking, volumesThere])
    return { ...notCloser, images, volumes }
  }
  const ways = neededWays(context, wanted)
  const presence = new Map<string, Presence | 'unknown'>()
  const [etcd, images, volumes, kubelets, links, versions, packages, tried] = await Promise.all([
    lookAtExternalEtcd(context, wanted),
    looking,
    volumesThere,
    lookForKubeletFlags(context.machines.filter((machine) => isNode(machine) && wanted(machine))),
    lookAtLinks(context, wanted),
    lookAtVersions(context, wanted),
    lookForPackages(context, wanted),
    Promise.all(
      context.machines.map(async (machine) => {
        const own = ways.filter(({ from }) => from === machine)
        const [attempts] = await Promise.all([
          tryWays(machine, own),
          wanted(machine)
            ? lookAround(machine).then((found) => presence.set(machine.spec.name, found))
            : undefined,
        ])
        return own.map((way, i) => ({
          ...way,
          ...(attempts[i] ?? { result: 'unknown' as const, words: '' }),
        }))
      }),
    ),
  ])
  return { ways: tried.flat(), presence, etcd, images, kubelets, links, versions, packages, volumes }
}

async function lookForPackages(
  context: Context,
  wanted: (machine: Machine) => boolean,
): Promise<Closer['packages']> {
  const looks = context.machines.filter(wanted).flatMap((machine) => {
    const bundled = context.bundle.manifest.packages ? neededPackages(context, machine) : []
    const names = [...new Set([...packagesElsewhere(context, machine), ...bundled])]
    return names.length === 0 ? [] : [{ machine, names }]
  })
  return new Map(
    await Promise.all(
      looks.map(
        async ({ machine, names }) => [machine.spec.name, await lookAtPackages(machine, names)] as const,
      ),
    ),
  )
}

async function tryWays(
  { host }: Machine,
  ways: readonly Way[],
): Promise<{ result: Reached; words: string }[]> {
  if (ways.length === 0) return []
  const args = ways.flatMap(({ address, port }) => [address, String(port)])
  try {
    const answer = await host.read({
      what: `try ${ways.length} ports`,
      logged: true,
      script: reachScript(patience),
      args,
      timeoutMs: deadlineMs,
    })
    return parseReached(answer.stdout.toString(), ways.length)
  } catch (error) {
    const words = said(error)
    return ways.map(() => ({ result: 'unknown', words }))
  }
}

async function lookAround({ host, os }: Machine): Promise<Presence | 'unknown'> {
  try {
    const answer = await host.read({
      what: 'look for runtimes',
      logged: true,
      script: presenceScript(os.owningPackage),
      timeoutMs: deadlineMs,
    })
    return parsePresence(answer.stdout.toString()) ?? 'unknown'
  } catch (error) {
    said(error)
    return 'unknown'
  }
}

/** The words of a host that did not answer; anything else is a bug and goes on up. */
function said(error: unknown): string {
  if (!(error instanceof UserError)) throw error
  return error.message
}
