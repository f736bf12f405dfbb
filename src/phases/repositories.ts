import { readFile } from 'node:fs/promises'
import type { Context } from '../cluster/context.js'
import { isNode } from '../cluster/machine.js'
import type { Phase } from '../engine/phase.js'
import type { ClusterSpec, RepositorySpec } from '../inventory/spec.js'
import { messageOf, UserError } from '../lib/errors.js'
import { repository } from '../resources/repository.js'
import { unwantedRepository } from '../resources/unwanted-repository.js'
import { addedRepositories } from '../steps/host/repository-needs.js'
import { repositoryFor } from '../steps/programs/kubernetes-packages.js'

/**
 * INPUTS: os.repositories of each host, with their keys; the repository of Kubernetes with sources.kubernetes:
 * packages.
 * OUTPUTS: repositories of the package manager, from which only packages signed by their key are installed. A
 * repository that was removed from the inventory stays until the host is reset, as packages of the repository may
 * be installed; one whose lists were never read is taken back.
 */
export const repositories: Phase<Context> = {
  id: 'repositories',
  title: 'Package repositories',
  about:
    'Repositories of packages that the inventory adds (os.repositories, sources), and the keys that sign them.',
  steps: (context) =>
    context.machines.flatMap((machine) => {
      const { host, os, facts } = machine
      const added = addedRepositories(machine)
      const kubernetes = isNode(machine) ? repositoryFor(context, machine) : undefined
      const wishes = [...added, ...(kubernetes ? [kubernetes.wish] : [])]
      const wanted = new Set(wishes.map((wish) => os.repository(wish).id))
      return [
        ...facts.unreadRepositories
          .filter((id) => !wanted.has(id))
          .map((id) => unwantedRepository(host, os, id)),
        ...added.map((own) => repository(host, os, own, context.repositoryKeys.get(own.key) ?? missing(own))),
        ...(kubernetes ? [repository(host, os, kubernetes.wish, kubernetes.key)] : []),
      ]
    }),
}

function missing({ key }: RepositorySpec): never {
  throw new Error(`${key} was not read`)
}

/**
 * The keys of all repositories, by the paths the inventory has. Throws UserError('inventory') for a file that is no
 * public key.
 */
export async function readRepositoryKeys(spec: ClusterSpec): Promise<ReadonlyMap<string, string>> {
  const all = spec.hosts.flatMap(({ os }) => os.repositories)
  return new Map(await Promise.all(all.map(async (own) => [own.key, await publicKey(own)] as const)))
}

async function publicKey({ key, at }: RepositorySpec): Promise<string> {
  const cannot = (why: string): UserError =>
    new UserError('inventory', `${key} is not a public key of a repository`, {
      why: `${why} (${at})`,
      next: 'name the armored key that its maker publishes; gpg --enarmor makes one of a binary key',
    })
  const text = await readFile(key, 'utf8').catch((error: unknown) => {
    throw cannot(messageOf(error))
  })
  if (text.includes('PRIVATE KEY BLOCK-----')) throw cannot('it contains a private key')
  if (!text.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----'))
    throw cannot('it contains no armored public key')
  return text.endsWith('\n') ? text : `${text}\n`
}
