import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Bundle } from '../../bundle/bundle.js'
import { openEtcdRelease } from '../../bundle/etcd-release.js'
import { archesOf } from '../../bundle/manifest.js'
import { bundledProgram } from '../../bundle/program-of.js'
import type { Context } from '../../cluster/context.js'
import { lookAtEtcdHosts } from '../../cluster/etcd/look-at-hosts.js'
import type { Machine } from '../../cluster/machine.js'
import { Late } from '../../engine/late.js'
import { etcdHostSpecs } from '../../inventory/etcd-to-spec.js'
import type { ClusterSpec } from '../../inventory/spec.js'
import { messageOf, UserError } from '../../lib/errors.js'
import { Secret } from '../../lib/secret.js'
import type { Program } from '../../sources/program.js'
import { etcdPrograms } from '../../steps/etcd/install-steps.js'

/** What the operator's side has for an etcd that is not beside the API servers. */
export interface EtcdMaterials {
  programs: readonly Program[]
  client: Context['etcdClient']
}

/** For commands that install nothing. */
export const noEtcdMaterials: EtcdMaterials = { programs: [], client: undefined }

/** Reads it. Throws UserError('inventory' or 'preflight') for a file that is not there or not what it should be. */
export async function etcdMaterials(spec: ClusterSpec, bundle: Bundle): Promise<EtcdMaterials> {
  const [programs, client] = await Promise.all([programsOf(spec, bundle), clientOf(spec)])
  return { programs, client }
}

async function programsOf(spec: ClusterSpec, bundle: Bundle): Promise<readonly Program[]> {
  const { install } = spec.etcd
  if (etcdHostSpecs(spec).length === 0 || install.from === 'package' || install.from === 'download') return []
  if (install.from === 'tarball') {
    const cache = join(homedir(), '.cache', 'kubestrap', 'etcd')
    const released = await openEtcdRelease(install.file, install.sha256, cache)
    return released.map(({ name, source, sha256, size }) => ({
      name,
      sha256,
      origin: { kind: 'file', path: source, gzip: true, size },
    }))
  }
  return archesOf(bundle.manifest).flatMap((arch) =>
    etcdPrograms.map((name) => bundledProgram(bundle, name, arch)),
  )
}

async function clientOf({ etcd, at }: ClusterSpec): Promise<Context['etcdClient']> {
  const { local } = etcd.external ?? {}
  if (!local) return undefined
  const read = async (name: keyof typeof local): Promise<string> => {
    try {
      return await readFile(local[name], 'utf8')
    } catch (error) {
      throw new UserError('inventory', `cannot read ${local[name]}`, {
        why: `${at(`etcd.external.${name}`)}: ${messageOf(error)}`,
        next: `set etcd.external.${name} to the path of the file; for a file on the control plane nodes use ${name}File`,
        cause: error,
      })
    }
  }
  const [ca, cert, key] = await Promise.all([read('ca'), read('cert'), read('key')])
  return { ca, cert, key: new Secret(key) }
}

/** The hosts with the role etcd as phases see them; undefined when the inventory has none. */
export async function etcdHostsOf(
  spec: ClusterSpec,
  machines: readonly Machine[],
  { programs }: EtcdMaterials,
  leaving?: readonly string[],
): Promise<Context['etcdHosts']> {
  if (etcdHostSpecs(spec).length === 0) return undefined
  const seen = await lookAtEtcdHosts(machines, spec.etcd.dataDir, leaving)
  return { ...seen, authority: new Late("etcd's CA"), programs }
}
