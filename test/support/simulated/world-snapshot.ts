import { kubectl } from './convergence.js'
import type { World } from './world.js'

/** Of a world, seen from outside kubestrap, what must not change when nothing is to change. */
export interface WorldSnapshot {
  /**
   * inode, ctime and size by "host/path", of everything on the hosts' disks but logs and etcd's data; of
   * directories mode and owner, since overlayfs makes notes of its own on them when they are only read.
   */
  files: Record<string, string>
  /** resourceVersion by object; for nodes, whose status beats, what is not status. */
  objects: Record<string, string>
}

/** Everything that is on a host's disk and not in its base image. */
export async function filesOf(world: World): Promise<Record<string, string>> {
  const lists = await Promise.all(
    [...world.hosts.values()].map(async (host) => {
      const found = await host.disk(
        `find . -path ./var/log -prune -o -path ./var/lib/etcd/member -prune -o -type d -printf '%p\\t%m %U:%G\\n' -o -printf '%p\\t%i %C@ %s\\n'`,
      )
      return rows(found).map(([path, state]): [string, string] => [`${host.name}${path.slice(1)}`, state])
    }),
  )
  return Object.fromEntries(lists.flat())
}

export async function snapshotOf(world: World): Promise<WorldSnapshot> {
  const [files, objects] = await Promise.all([filesOf(world), objectsOf(world)])
  return { files, objects }
}

/** The state of the objects once two looks a second apart see the same: controllers work on after a run. */
export async function atRest(world: World): Promise<void> {
  let last = JSON.stringify(await objectsOf(world))
  for (let i = 0; i < 30; i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    const next = JSON.stringify(await objectsOf(world))
    if (next === last) return
    last = next
  }
  throw new Error('the cluster does not come to rest')
}

async function objectsOf(world: World): Promise<Record<string, string>> {
  const kinds = (await kubectl(world, 'api-resources --verbs=list -o name'))
    .split('\n')
    .filter((kind) => kind !== '' && !/^(events|leases|nodes$|componentstatuses)/.test(kind))
  const [objects, nodes] = await Promise.all([
    kubectl(
      world,
      `get ${kinds.join(',')} -A -o jsonpath='{range .items[*]}{.kind}/{.metadata.namespace}/{.metadata.name}{"\\t"}{.metadata.uid} {.metadata.resourceVersion}{"\\n"}{end}'`,
    ),
    kubectl(
      world,
      `get nodes -o jsonpath='{range .items[*]}Node//{.metadata.name}{"\\t"}{.metadata.uid} {.metadata.labels} {.metadata.annotations} {.spec}{"\\n"}{end}'`,
    ),
  ])
  return Object.fromEntries([...rows(objects), ...rows(nodes)])
}

function rows(text: string): [string, string][] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [key = '', ...rest] = line.split('\t')
      return [key, rest.join('\t')]
    })
}
