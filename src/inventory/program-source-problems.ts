import { noProxyEntry } from '../lib/grammar/url.js'
import { ownValue } from '../lib/own-value.js'
import { releasedRuntime } from './defaults.js'
import type { Known } from './known.js'
import { settingsOf } from './layers.js'
import type { Inventory } from './schema/schema.js'
import type { Found } from './shape-problems.js'
import { minorOf, parseVersion } from './version.js'

/** Programs that would come from a bundle where the inventory names none, and settings of sources that have no effect. */
export function programSourceProblems(inventory: Inventory, known: Known): Found[] {
  const { sources = {}, binaries } = inventory
  const found: Found[] = []
  if (binaries === undefined) found.push(...bundleMissing(inventory, known))
  const chosen = sources.kubernetes ?? (binaries ? 'bundle' : 'download')
  found.push(...mirrorProblems(inventory, chosen))
  found.push(...proxyProblems(sources.proxy), ...releaseProblems(inventory, chosen))
  if (chosen === 'packages') found.push(...packageProblems(inventory, known))
  return found
}

function proxyProblems(proxy: NonNullable<Inventory['sources']>['proxy']): Found[] {
  if (proxy === undefined) return []
  const path = ['sources', 'proxy']
  const wrong = (proxy.noProxy ?? []).flatMap((text, i) =>
    noProxyEntry.accepts(text)
      ? []
      : [
          {
            path: [...path, 'noProxy', i],
            what: `${JSON.stringify(text)} is not ${noProxyEntry.is}`,
            write: String(noProxyEntry.write),
          },
        ],
  )
  return proxy.http === undefined && proxy.https === undefined
    ? [
        ...wrong,
        {
          path,
          key: true,
          what: 'the proxy has no URL',
          write: 'set http, https or both: http://proxy.example.com:3128',
        },
      ]
    : wrong
}

/** Which source of Kubernetes asks which site: a bundle is created of what hosts would download. */
const askedBy = { kubernetes: ['download', 'bundle'], packages: ['packages'] } as const

function mirrorProblems({ sources = {} }: Inventory, chosen: string): Found[] {
  const { mirrors = {}, caCertificate } = sources
  const idle = (['kubernetes', 'packages'] as const).filter(
    (site) => mirrors[site] !== undefined && !askedBy[site].some((source) => source === chosen),
  )
  return [
    ...idle.map((site) => ({
      path: ['sources', 'mirrors', site],
      key: true,
      what: `a mirror of ${site === 'packages' ? 'the packages' : 'the releases'} of Kubernetes has no effect with sources.kubernetes: ${chosen}`,
      write: `remove it, or set sources: { kubernetes: ${askedBy[site][0]} }`,
    })),
    ...(caCertificate !== undefined && Object.values(mirrors).every((url) => !url)
      ? [
          {
            path: ['sources', 'caCertificate'],
            key: true,
            what: 'caCertificate applies to mirrors, and there is none',
            write: 'set sources.mirrors, or remove it',
          },
        ]
      : []),
  ]
}

/** What is downloaded besides Kubernetes, and settings of it that have no effect. */
function releaseProblems(inventory: Inventory, chosen: string): Found[] {
  const { sources = {} } = inventory
  const { runtime, cniPlugins, versions = {}, mirrors = {} } = sources
  const id = inventory.runtime
  const used = {
    containerd: runtime === 'download',
    runc: runtime === 'download',
    cniPlugins: cniPlugins === 'download',
    // a bundle is created of the release
    etcd: inventory.etcd?.install === 'download' || inventory.etcd?.install === 'bundle',
  }
  const none = Object.values(used).every((one) => !one)
  return [
    ...(runtime === 'download' && id !== releasedRuntime
      ? [
          {
            path: ['sources', 'runtime'],
            what: `runtime ${id} is not released as programs that can be downloaded`,
            write: 'use runtime: containerd, or packages',
          },
        ]
      : []),
    ...(cniPlugins === 'download' && chosen === 'packages'
      ? [
          {
            path: ['sources', 'cniPlugins'],
            what: 'the package of the kubelet requires kubernetes-cni, which has the CNI plug-ins',
            write: 'remove it, or use sources: { kubernetes: download }',
          },
        ]
      : []),
    ...Object.entries(used).flatMap(([name, isUsed]) =>
      isUsed || ownValue(versions, name) === undefined
        ? []
        : [
            {
              path: ['sources', 'versions', name],
              key: true,
              what: `a version of ${name} has no effect where ${name} is not downloaded`,
              write: `remove it, or set ${name === 'etcd' ? 'etcd: { install: download }' : `sources: { ${name === 'cniPlugins' ? name : 'runtime'}: download }`}`,
            },
          ],
    ),
    ...(none && mirrors.github !== undefined
      ? [
          {
            path: ['sources', 'mirrors', 'github'],
            key: true,
            what: 'a mirror of GitHub has no effect where nothing is downloaded from there',
            write: 'remove it, or set sources: { runtime: download, cniPlugins: download }',
          },
        ]
      : []),
  ]
}

function packageProblems(inventory: Inventory, known: Known): Found[] {
  const version = parseVersion(inventory.kubernetes.version)
  const minor = version && minorOf(version)
  const lacking = minor !== undefined && known.minors.includes(minor) && !known.hasPackages(minor)
  const taken = settingsOf(inventory).filter(({ settings }) => settings.os?.repositories?.[repositoryName])
  return [
    ...(lacking
      ? [
          {
            path: ['sources', 'kubernetes'],
            what: `there are no packages of Kubernetes ${minor}`,
            write: 'use download; the community repositories begin with a later minor',
          },
        ]
      : []),
    ...taken.map(({ path }) => ({
      path: [...path, 'os', 'repositories', repositoryName],
      key: true,
      what: `the repository of Kubernetes is called ${repositoryName} with sources.kubernetes: packages`,
      write: 'remove it (sources.mirrors.packages names a mirror), or give it another name',
    })),
  ]
}

/** As files of the repository are called on hosts (src/sources/community-packages.ts). */
const repositoryName = 'kubernetes'

function bundleMissing(inventory: Inventory, known: Known): Found[] {
  const { kubernetes, sources, etcd, docker } = inventory
  const write = 'set binaries: { bundle: DIRECTORY }'
  const version = parseVersion(kubernetes.version)
  const { runtime } = inventory
  const lacking =
    version === undefined || docker?.criDockerd !== undefined
      ? []
      : known.programsFor(runtime, minorOf(version))
  return [
    ...(sources?.kubernetes === 'bundle'
      ? [{ path: ['sources', 'kubernetes'], what: 'no bundle is named', write: `${write}, or use download` }]
      : []),
    ...(etcd?.install === 'bundle'
      ? [
          {
            path: ['etcd', 'install'],
            what: 'no bundle is named',
            write: `${write}, or use package, download or tarball`,
          },
        ]
      : []),
    ...lacking.map((name) => ({
      path: inventory.unset.includes('runtime') ? ['kubernetes', 'version'] : ['runtime'],
      what: `runtime ${runtime} requires ${name} for Kubernetes ${version === undefined ? '' : minorOf(version)}`,
      write: `set docker: { criDockerd: PATH of the program }, use runtime: containerd, or a bundle that has it`,
    })),
  ]
}
