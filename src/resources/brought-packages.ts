import { createReadStream } from 'node:fs'
import type { Host } from '../host/host.js'
import { sent } from '../host/streams.js'
import { UserError } from '../lib/errors.js'
import { verified } from '../lib/verified.js'
import type { BroughtFile, BroughtPackages, Offline } from '../os/offline.js'
import { percent } from './binary.js'

/** Each installation has a directory of its own: two may be under way. It goes when it has succeeded. */
export const broughtDirectory = (id: string): string => `/var/lib/kubestrap/packages-${id}`

/** The file "$1" is what arrives, if that has the digest "$2". */
const receive = `
umask 022
rm -f -- "$1.part"
cat >"$1.part" || exit 1
sum=$(sha256sum <"$1.part") || exit 1
[ "\${sum%% *}" = "$2" ] || { echo "it arrived with another digest" >&2; exit 1; }
mv -f -- "$1.part" "$1"
`

/**
 * Sends to a host what installing packages takes there, and what is not in the directory yet. Throws UserError('step'), naming
 * those that are not brought.
 */
export async function sendPackages(
  host: Host,
  { offline, brought }: { offline: Offline; brought: BroughtPackages },
  names: readonly string[],
  { directory, progress }: { directory: string; progress(message: string): void },
): Promise<void> {
  const unknown = names.filter((name) => brought.packages.every((one) => one.name !== name))
  if (unknown.length > 0) throw notBrought(host, brought, unknown)
  const files = offline.repository(directory, brought.packages)
  await Promise.all(files.map((file) => host.write({ ...file, mode: '0644', ledger: 'none' })))
  const answer = await host.mutate({
    what: 'choose packages of the bundle',
    script: offline.neededFiles,
    args: [directory, ...names],
    timeoutMs: 300_000,
  })
  const needed = answer.stdout.toString().split('\n').filter(Boolean)
  const known = new Map(brought.packages.map((one) => [offline.nameOf(one), one]))
  const wanted = needed.map((name) => known.get(name) ?? refuse(host, name))
  const states = await Promise.all(wanted.map((one) => host.stat(`${directory}/${offline.fileOf(one)}`)))
  const lacking = wanted.filter((one, i) => {
    const state = states[i]
    return state?.kind !== 'file' || state.sha256 !== one.sha256
  })
  const all = lacking.reduce((sum, { size }) => sum + size, 0)
  let done = 0
  for (const one of lacking) {
    await send(host, one, `${directory}/${offline.fileOf(one)}`, (bytes) =>
      progress(`${one.name}: ${percent(done + bytes, all)} of ${lacking.length} packages`),
    )
    done += one.size
  }
}

async function send(
  host: Host,
  { name, path, sha256 }: BroughtFile,
  target: string,
  onBytes: (total: number) => void,
): Promise<void> {
  await host.mutate({
    what: `send package ${name}`,
    script: receive,
    args: [target, sha256],
    stdin: async () =>
      verified(createReadStream(path, { highWaterMark: 256 * 1024 }), { sha256, name: path, onBytes }),
    ...sent,
  })
}

/** The host is to say names that it was given. */
function refuse(host: Host, name: string): never {
  throw new UserError(
    'step',
    `the package manager asks for ${JSON.stringify(name.slice(0, 100))}, which is not in the bundle`,
    {
      host: host.name,
      next: 'look at its configuration on the host: only the packages of the bundle are offered to it',
    },
  )
}

const notBrought = (host: Host, { system }: BroughtPackages, names: readonly string[]): UserError =>
  new UserError('step', `the bundle has no package ${names.join(', ')} for ${system}`, {
    host: host.name,
    next: createAgain,
    final: true,
  })

/** What to do about packages that a bundle lacks. */
export const createAgain =
  'create the bundle again with kubestrap bundle create --os-packages --replace, on an inventory in which a host of that system reaches its repositories'
