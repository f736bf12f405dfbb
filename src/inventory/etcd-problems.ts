import { withoutLogin } from '../lib/without-login.js'
import { layersOf, mergeLayers } from './layers.js'
import type { Inventory } from './schema/schema.js'
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
  const why = etcd?.external ? 'an external etcd' : 'etcd on separate hosts, which runs without an image'
  return unused
    .filter((key) => etcd?.[key] !== undefined)
    .map((key) => ({
      path: ['etcd', key],
      key: true,
      what: `etcd.${key} has no effect with ${why}`,
      write: 'remove it',
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
            ? 'without the role etcd on any host, every control plane node runs a member; else use a separate host for etcd'
            : 'use a separate host for etcd: Pods on the same host would use its disk and memory',
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
            what: `etcd.${key} applies to hosts with the role etcd, and there are none`,
            write: 'remove it, or give hosts that role',
          },
        ]
  if (install === 'tarball' && !tarball)
    return [
      {
        path: ['etcd', 'install'],
        what: 'etcd.tarball is not set',
        write: 'set etcd: { tarball: { file: etcd-vX.Y.Z-linux-amd64.tar.gz, sha256: DIGEST } }',
      },
    ]
  if (tarball && install !== undefined && install !== 'tarball')
    return [
      {
        path: ['etcd', 'install'],
        what: `install is ${install}, and etcd.tarball is set`,
        write: 'use one of the two',
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
        what: `etcd is external, and ${member} has the role etcd`,
        write: 'use one of the two',
      },
    ]
  const urls = external.endpoints.flatMap((url, i): Found[] =>
    isClientUrl(url)
      ? []
      : [
          {
            path: [...path, 'endpoints', i],
            what: `"${withoutLogin(url)}" is not a client URL of etcd`,
            write: 'use a URL such as https://10.0.0.31:2379',
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
        what: `${here.join(', ')} and ${there.join(', ')} both name the files of the client`,
        write:
          'use ca, cert, key for local files; caFile, certFile, keyFile for files on the control plane nodes',
      },
    ]
  if (here.length + there.length < 3)
    return [
      {
        path,
        key: true,
        what: 'the CA certificate, a client certificate and its key are required',
        write:
          there.length > 0
            ? 'set caFile, certFile and keyFile: absolute paths on the control plane nodes'
            : 'set ca, cert and key: local files',
      },
    ]
  return []
}
