import type { Step } from '../../engine/step.js'
import type { FileState } from '../../host/host.js'
import { UserError } from '../../lib/errors.js'
import type { Context } from '../context.js'
import type { Machine } from '../machine.js'
import { filesOf, placeWhole } from './authority-files.js'
import type { Keyring } from './keyring.js'
import { authorityFiles, pkiDirectory } from './paths.js'

export const sharedAuthoritiesId = 'shared-authorities'

/** Files of the authorities by path below the PKI directory, as a control plane has them. */
type Shared = ReadonlyMap<string, FileState>

/**
 * A control plane that has not made the authorities has them too: it serves with them, and signs with them when
 * it leads. They come from one that has them, keys over standard input only. A directory with nothing in it
 * gets all at once; what is there is never overwritten.
 */
export function sharedAuthoritiesStep(
  context: Context,
  machine: Machine,
  needs: readonly string[],
): Step<Shared> {
  const { host } = machine
  const paths = pathsOf(context)
  return {
    id: sharedAuthoritiesId,
    title: 'certificate authorities',
    target: host.name,
    needs,
    probe: async () => {
      const states = await Promise.all(
        paths.map((path) => host.stat(`${pkiDirectory}/${path}`, { content: !path.endsWith('.key') })),
      )
      return new Map(paths.map((path, i) => [path, states[i] ?? { kind: 'absent' }]))
    },
    diff: (shared) => {
      const keyring = context.authorities.get()
      // those of the control plane they come from are its own
      if (keyring.owner === host) return []
      refuseOthers(machine, shared, publicParts(keyring))
      const missing = missingOf(shared)
      return missing.length === 0
        ? []
        : [{ summary: `copy ${missing.join(', ')} from ${keyring.owner.name} to ${pkiDirectory}` }]
    },
    apply: async () => {
      const files = filesOf(await context.authorities.get().whole())
      const [held, states] = await Promise.all([
        host.read({ script: 'ls -A -- "$1" 2>/dev/null | head -n 1', args: [pkiDirectory] }),
        Promise.all(files.map(({ path }) => host.stat(`${pkiDirectory}/${path}`))),
      ])
      if (held.stdout.length === 0) return placeWhole(host, files)
      const missing = files.filter((_, i) => states[i]?.kind === 'absent')
      await Promise.all(
        missing.map((file) =>
          host.write({ ...file, path: `${pkiDirectory}/${file.path}`, ledger: pkiDirectory }),
        ),
      )
    },
  }
}

function pathsOf({ spec }: Context): string[] {
  const { kubernetes, frontProxy, etcd } = authorityFiles
  const bases = [kubernetes, frontProxy, ...(spec.etcd.external ? [] : [etcd])]
  return [...bases.flatMap((base) => [`${base}.key`, `${base}.crt`]), 'sa.key', 'sa.pub']
}

/** Which of them are not there. Pure. */
export function missingOf(shared: Shared): string[] {
  return [...shared].filter(([, { kind }]) => kind === 'absent').map(([path]) => path)
}

function publicParts({ authorities }: Keyring): ReadonlyMap<string, string> {
  const { kubernetes, frontProxy, etcd, serviceAccount } = authorities
  return new Map([
    [`${authorityFiles.kubernetes}.crt`, kubernetes.certificate],
    [`${authorityFiles.frontProxy}.crt`, frontProxy.certificate],
    ...(etcd ? ([[`${authorityFiles.etcd}.crt`, etcd.certificate]] as const) : []),
    ['sa.pub', serviceAccount.publicKey],
  ])
}

/** What one control plane signs every other must know. */
function refuseOthers({ spec }: Machine, shared: Shared, ours: ReadonlyMap<string, string>): void {
  for (const [path, text] of ours) {
    const state = shared.get(path)
    if (state?.kind === 'file' && state.content?.toString().trim() !== text.trim())
      throw new UserError('step', `${pkiDirectory}/${path} is another one than on the other control planes`, {
        host: spec.name,
        next: `see which is the cluster's, and move ${pkiDirectory} away on the machine that has the wrong one`,
      })
  }
}
