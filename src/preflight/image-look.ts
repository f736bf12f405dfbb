import { type Context, nodes } from '../cluster/context.js'
import type { Machine } from '../cluster/machine.js'
import { UserError } from '../lib/errors.js'
import { imagesOf, type NeededImage } from '../steps/programs/images-needed.js'
import { parseReached, type Reached, reachScript } from './reach.js'
import { serversFor } from './registry-servers.js'

/** Images that a machine needs and neither a bundle nor it has, and whether somebody could be asked for them. */
export interface ImageLook {
  machine: Machine
  missing: readonly MissingImage[]
  /** Where a proxy is told to the runtime or to everything, what is reached from here says little; 'unknown': no answer. */
  proxy: 'none' | 'told' | 'unknown'
}

export interface MissingImage extends NeededImage {
  /** 'unknown': the machine did not tell which images it has. */
  onMachine: 'absent' | 'unknown'
  /** Who would be asked for it, in order. */
  servers: readonly { name: string; result: Reached; words: string }[]
}

/** Seconds that a try waits; all are made at once. */
const patience = 3
const deadlineMs = 15_000

/** Prints a file that tells somebody a proxy, if there is one; what daemons read before they pull. POSIX sh. */
export const proxyScript = `
for f in /etc/environment /etc/default/docker /etc/sysconfig/docker /etc/docker/daemon.json /root/.docker/config.json \\
  /etc/systemd/system.conf /etc/systemd/system.conf.d/*.conf \\
  /etc/systemd/system/docker.service /etc/systemd/system/docker.service.d/*.conf \\
  /etc/systemd/system/containerd.service /etc/systemd/system/containerd.service.d/*.conf; do
  [ ! -f "$f" ] || ! grep -iqE '(https?|all)[_-]?proxy' "$f" || echo "proxy $f"
done
echo looked`

/**
 * Asks machines about images that will be pulled: first which of them they have, then whether a registry that has
 * them is within reach. No machine is asked when a bundle has everything, and no node where there is no bundle.
 */
export async function lookForImages(context: Context): Promise<ImageLook[]> {
  const { images } = context.bundle.manifest
  // what a host reaches itself says nothing of what is reached through a proxy
  if (context.proxy) return []
  const looks = await Promise.all(
    nodes(context).map(async (machine): Promise<ImageLook[]> => {
      const own = images.filter(({ arch }) => arch === machine.facts.arch)
      const bundled = new Set(own.map(({ reference }) => reference))
      const lacking = imagesOf(context, machine).filter(({ reference }) => !bundled.has(reference))
      if (lacking.length === 0) return []
      if (bundled.size === 0) return machine.facts.kubernetes ? [] : lookAtNew(context, machine, lacking)
      const present = await imagesOn(context, machine)
      const missing = lacking.filter(isMissing(present))
      if (missing.length === 0) return []
      return [await tryServers(context, machine, missing, knownOf(present))]
    }),
  )
  return looks.flat()
}

/** Of a new machine, where every image is pulled: both questions at once. What a node lacks later the plan shows. */
async function lookAtNew(
  context: Context,
  machine: Machine,
  needed: readonly NeededImage[],
): Promise<ImageLook[]> {
  const [present, look] = await Promise.all([
    imagesOn(context, machine),
    tryServers(context, machine, needed, 'absent'),
  ])
  const missing = look.missing
    .filter(isMissing(present))
    .map((image) => ({ ...image, onMachine: knownOf(present) }))
  return missing.length === 0 ? [] : [{ ...look, missing }]
}

type Present = ReadonlySet<string> | 'unknown'

const isMissing =
  (present: Present) =>
  ({ reference }: NeededImage): boolean =>
    present === 'unknown' || !present.has(reference)

const knownOf = (present: Present): MissingImage['onMachine'] =>
  present === 'unknown' ? 'unknown' : 'absent'

/** A machine that is no node and on which the runtime does not answer has none of its images: the run installs it. */
async function imagesOn({ runtime }: Context, { host, facts }: Machine): Promise<Present> {
  try {
    return new Set((await runtime.images(host)).map(({ reference }) => reference))
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return facts.kubernetes ? 'unknown' : new Set()
  }
}

async function tryServers(
  { spec }: Context,
  machine: Machine,
  missing: readonly NeededImage[],
  onMachine: MissingImage['onMachine'],
): Promise<ImageLook> {
  const { host } = machine
  const servers = [
    ...new Map(
      missing
        .flatMap(({ reference }) => serversFor(reference, spec.registries))
        .map((server) => [server.name, server]),
    ).values(),
  ]
  const [reached, proxy] = await Promise.all([
    asked(() =>
      host.read({
        what: `try ${servers.length} registries`,
        logged: true,
        script: reachScript(patience),
        args: servers.flatMap(({ host: name, port }) => [name, String(port)]),
        timeoutMs: deadlineMs,
      }),
    ),
    asked(() =>
      host.read({ what: 'look for a proxy', logged: true, script: proxyScript, timeoutMs: deadlineMs }),
    ),
  ])
  const results = parseReached(reached, servers.length)
  return {
    machine,
    proxy: !/^looked$/m.test(proxy) ? 'unknown' : /^proxy /m.test(proxy) ? 'told' : 'none',
    missing: missing.map((image) => ({
      ...image,
      onMachine,
      servers: serversFor(image.reference, spec.registries).map(({ name }) => {
        const { result, words } = results[servers.findIndex((one) => one.name === name)] ?? {
          result: 'unknown' as const,
          words: 'no answer',
        }
        return { name, result, words }
      }),
    })),
  }
}

/** What a machine printed; nothing when it did not answer. Anything but that is a bug and goes on up. */
async function asked(question: () => Promise<{ stdout: Buffer }>): Promise<string> {
  try {
    return (await question()).stdout.toString()
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return ''
  }
}
