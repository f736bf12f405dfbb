import { layersOf, mergeLayers } from './layers.js'
import type { Inventory } from './schema.js'
import type { Found } from './shape-problems.js'

/** What does not go together in the section etcd and the role etcd. */
export function etcdProblems(inventory: Inventory): Found[] {
  const members = Object.keys(inventory.hosts).filter((name) => rolesOf(inventory, name).includes('etcd'))
  return [
    ...roleProblems(inventory, members),
    ...installProblems(inventory, members.length > 0),
    ...externalProblems(inventory, members),
    ...unusedProblems(inventory, members),
  ]
}

/** What is said of an etcd that is not made, or not of images. */
function unusedProblems({ etcd }: Inventory, members: readonly string[]): Found[] {
  const unused = etcd?.external
    ? (['dataDir', 'extraArgs', 'imageTag'] as const)
    : members.length > 0
      ? (['imageTag'] as const)
      : []
  const why = etcd?.external
    ? 'an etcd that is there already'
    : 'etcd on hosts of its own, which runs no image'
  return unused
    .filter((key) => etcd?.[key] !== undefined)
    .map((key) => ({
      path: ['etcd', key],
      key: true,
      what: `etcd.${key} means nothing to ${why}`,
      write: 'leave it out',
    }))
}

const rolesOf = (inventory: Inventory, name: string): readonly string[] =>
  mergeLayers(layersOf(inventory, name)).roles ?? []

function roleProblems(inventory: Inventory, members: readonly string[]): Found[] {
  return members.flatMap((name): Found[] => {
    const other = rolesOf(inventory, name).find((role) => role === 'control-plane' || role === 'worker')
    if (other === undefined) return []
    return [
      {
        path: ['hosts', name, 'roles'],
        what: `${name} has the roles etcd and ${other}`,
        write:
          other === 'control-plane'
            ? 'without any role etcd every control plane runs a member; else a host of its own for etcd'
            : 'a host of its own for etcd: pods beside it would take its disk and memory',
      },
    ]
  })
}

function installProblems({ etcd }: Inventory, needed: boolean): Found[] {
  const { install, tarball } = etcd ?? {}
  const key = install === undefined ? 'tarball' : 'install'
  if (!needed)
    return install === undefined && tarball === undefined
      ? []
      : [
          {
            path: ['etcd', key],
            key: true,
            what: `etcd.${key} is for hosts with the role etcd, and there are none`,
            write: 'leave it out, or give hosts that role',
          },
        ]
  if (install === 'tarball' && !tarball)
    return [
      {
        path: ['etcd', 'install'],
        what: 'no tarball is named',
        write: 'etcd: { tarball: { file: etcd-vX.Y.Z-linux-amd64.tar.gz, sha256: its digest } }',
      },
    ]
  if (tarball && install !== undefined && install !== 'tarball')
    return [
      {
        path: ['etcd', 'install'],
        what: `install is ${install}, and a tarball is named`,
        write: 'one of the two',
      },
    ]
  return []
}

function externalProblems({ etcd }: Inventory, members: readonly string[]): Found[] {
  const { external } = etcd ?? {}
  if (!external) return []
  const path = ['etcd', 'external']
  const [member] = members
  if (member !== undefined)
    return [
      {
        path,
        key: true,
        what: `etcd is there already, and ${member} has the role etcd`,
        write: 'one of the two',
      },
    ]
  const urls = external.endpoints.flatMap((url, i): Found[] =>
    isClientUrl(url)
      ? []
      : [
          {
            path: [...path, 'endpoints', i],
            what: `"${url}" is not a client URL of etcd`,
            write: 'such as https://10.0.0.31:2379',
          },
        ],
  )
  return [...urls, ...fileProblems(external)]
}

function isClientUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, pathname, search, username } = new URL(text)
  // etcd's clients take no port for granted
  const port = /:\d+\/?$/.test(text)
  return protocol === 'https:' && port && pathname === '/' && search === '' && username === ''
}

/** All three here, or all three there. */
function fileProblems(external: NonNullable<NonNullable<Inventory['etcd']>['external']>): Found[] {
  const path = ['etcd', 'external']
  const here = (['ca', 'cert', 'key'] as const).filter((name) => external[name] !== undefined)
  const there = (['caFile', 'certFile', 'keyFile'] as const).filter((name) => external[name] !== undefined)
  if (here.length > 0 && there.length > 0)
    return [
      {
        path,
        key: true,
        what: `${here.join(', ')} and ${there.join(', ')} both say where the client's files are`,
        write: 'ca, cert, key for files here; caFile, certFile, keyFile for files on the control planes',
      },
    ]
  if (here.length + there.length < 3)
    return [
      {
        path,
        key: true,
        what: "it takes the authority's certificate, a client's certificate and its key",
        write:
          there.length > 0
            ? 'caFile, certFile and keyFile: absolute paths on the control planes'
            : 'ca, cert and key: files here',
      },
    ]
  return []
}
