import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Bundle, openBundle } from '../../bundle/bundle.js'
import { verifyBundle } from '../../bundle/verify-bundle.js'
import { withProgram } from '../../bundle/with-program.js'
import { catalog } from '../../catalog.js'
import type { Context } from '../../cluster/context.js'
import { thisOperator } from '../../host/operator.js'
import type { ClusterSpec } from '../../inventory/spec.js'
import { UserError } from '../../lib/errors.js'
import { readRepositoryKeys } from '../../phases/repositories.js'
import type { HostProxy } from '../../sources/proxy.js'
import { readProxy } from '../../steps/host/proxy-settings.js'
import { readCertificates, readRegistries } from '../../steps/programs/registries.js'
import { readVolumeFiles } from '../../steps/static-pods/volume-files.js'
import { type EtcdMaterials, etcdMaterials, noEtcdMaterials } from './external-etcd.js'

/** Stands in where nothing will be installed; asking it for anything is a bug. */
const noBundle: Bundle = {
  directory: '',
  sha256: '',
  manifest: { format: 2, kubernetesVersion: '', binaries: [], images: [] },
  binary: (name) => {
    throw new Error(`${name} was requested without a bundle`)
  },
  imagesFor: () => [],
  path: ({ file }) => {
    throw new Error(`${file} was requested without a bundle`)
  },
}

/** What a run installs from, read on this machine before anything is done. */
export interface Materials {
  bundle: Bundle
  materials: EtcdMaterials
  ca: string | undefined
  proxy: HostProxy | undefined
  registries: Context['registries']
  repositoryKeys: Context['repositoryKeys']
  volumeFiles: Context['volumeFiles']
}

/** For a command that only looks. */
export const nothingToInstall: Materials = {
  bundle: noBundle,
  materials: noEtcdMaterials,
  ca: undefined,
  proxy: undefined,
  registries: [],
  repositoryKeys: new Map(),
  volumeFiles: new Map(),
}

/** What does not hang on the version and the runtime, which a living cluster may have yet to tell. */
export type Opened = Omit<Materials, 'materials'>

/**
 * Reads what is there whatever the cluster has, and checks the bundle: what is missing ends a run before any host answers.
 * Throws UserError: 'inventory' or 'preflight' for the bundle and what the inventory names beside it.
 */
export async function openMaterials(written: ClusterSpec): Promise<Opened> {
  const [bundle, registries, repositoryKeys, volumeFiles, ca, proxy] = await Promise.all([
    trustedBundle(written),
    readRegistries(written, thisOperator().secrets),
    readRepositoryKeys(written),
    readVolumeFiles(written),
    readAuthority(written),
    readProxy(written, thisOperator().secrets),
  ])
  return { bundle, registries, repositoryKeys, volumeFiles, ca, proxy }
}

/** The rest of it, once version and runtime are known. Throws as `openMaterials`. */
export async function completeMaterials(spec: ClusterSpec, opened: Opened): Promise<Materials> {
  if (spec.binaries.bundle !== undefined) mustBeOfVersion(spec, opened.bundle)
  const bundle = await withRuntimePrograms(spec, opened.bundle)
  return { ...opened, bundle, materials: await etcdMaterials(spec, bundle) }
}

/** The bundle of the inventory, checked; without one an empty one. */
async function trustedBundle(written: ClusterSpec): Promise<Bundle> {
  if (written.binaries.bundle === undefined) return noBundle
  const bundle = await openBundle(written.binaries.bundle, written.binaries.sha256)
  if (!written.unset.includes('kubernetes.version')) mustBeOfVersion(written, bundle)
  await verifyBundle(bundle, join(homedir(), '.cache', 'kubestrap', 'verified'))
  return bundle
}

function mustBeOfVersion(spec: ClusterSpec, bundle: Bundle): void {
  if (bundle.manifest.kubernetesVersion !== spec.version)
    throw new UserError(
      'inventory',
      `the bundle contains Kubernetes ${bundle.manifest.kubernetesVersion}, the inventory requires ${spec.version}`,
      {
        why: `${spec.at('kubernetes.version')}, ${spec.at('binaries.bundle')}`,
        next: 'use a bundle of that version, or set kubernetes.version to the version of the bundle',
      },
    )
}

/** The certificate authorities of mirrors, as PEM. */
export async function readAuthority({ sources, at }: ClusterSpec): Promise<string | undefined> {
  const { caCertificate } = sources
  return caCertificate === undefined
    ? undefined
    : readCertificates(caCertificate, `sources.caCertificate, ${at('sources.caCertificate')}`)
}

/** The runtime's own programs are there too, from the inventory or the bundle; one that is not stops the run here. */
async function withRuntimePrograms(spec: ClusterSpec, bundle: Bundle): Promise<Bundle> {
  let whole = bundle
  for (const name of catalog.runtimeFor(spec.runtime, catalog.releaseFor(spec.version)).programs) {
    const path = spec.runtimePrograms[name]
    if (path !== undefined) whole = await withProgram(whole, name, path, spec.at('docker'))
    else if (bundle.manifest.binaries.every((entry) => entry.name !== name))
      throw new UserError(
        'inventory',
        `runtime ${spec.runtime} requires ${name} for Kubernetes ${spec.minor}`,
        {
          why: `neither the inventory (docker.criDockerd, ${spec.at('runtime')}) nor a bundle has it`,
          next: 'set docker: { criDockerd: PATH of the program }, add it to the bundle, or use runtime: containerd',
        },
      )
  }
  return whole
}
