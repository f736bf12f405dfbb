import { type Connected, isControlPlane, isNode } from '../cluster/machine.js'
import { imageTagIn, manifestFiles } from '../cluster/static-pod-files.js'
import type { ClusterSpec } from '../inventory/spec.js'
import { writeAheadLog } from '../kubernetes/etcd/data.js'
import { advertised, kubeletFiles, type Signs, toldByFiles } from './on-disk.js'
import type { FixedField, Told } from './told.js'
import type { LivingNode } from './unchangeable.js'

/** Made by the kubelet when it first starts. */
const podsDirectory = '/var/lib/kubelet/pods'

/** What the disks of a run's nodes say of their cluster. */
export interface OnDisk {
  told: readonly Told[]
  /** Those that carry an API server's manifest. */
  nodes: readonly LivingNode[]
  /**
   * Names of the control planes on which a cluster has begun to live: etcd has data, or with an external etcd the kubelet
   * has run beside the API server's manifest.
   */
  living: readonly string[]
  /** Names of the nodes that have the files of a Pod network: Pods run there, or did. */
  carrying: readonly string[]
  /** The runtimes that kubelets are told, of nodes that have one: "docker", by name. */
  runtimes: ReadonlyMap<string, string>
  /** The versions of the static Pods of those on which a cluster has begun to live, by name: "v1.35.6". */
  versions: ReadonlyMap<string, readonly string[]>
  /** The tags of their etcd, where it is a static Pod: "3.6.8-0". */
  etcdTags: ReadonlyMap<string, string>
}

/**
 * Reads what lies on the nodes, of every one that was reached. Throws UserError('connection') for a host that gives no
 * answer: what was not seen is not known.
 */
export async function readOnDisk(
  { spec, machines }: { spec: ClusterSpec; machines: readonly Connected[] },
  signs: Signs,
): Promise<OnDisk> {
  const perNode = await Promise.all(
    machines.filter(isNode).map(async (machine) => {
      const paths: string[] = [
        ...Object.values(kubeletFiles),
        ...Object.values(manifestFiles),
        ...(machine.facts.kubernetes ? signs.networks.flatMap((network) => network.signs) : []),
      ]
      // without a manifest that says where etcd's data are, the inventory does
      const stacked = isControlPlane(machine) && !spec.etcd.external
      const [states, wal, pods] = await Promise.all([
        Promise.all(paths.map((path) => machine.host.stat(path, { content: true }))),
        stacked ? machine.host.stat(writeAheadLog(spec.etcd.dataDir)) : undefined,
        machine.host.stat(podsDirectory),
      ])
      const files = new Map(
        states.flatMap((state, i) =>
          state.kind === 'file' ? [[paths[i] ?? '', state.content?.toString() ?? ''] as const] : [],
        ),
      )
      const told = toldByFiles(spec, machine.spec, files, signs)
      const isAt = (field: FixedField): string | undefined => told.find((one) => one.field === field)?.is
      const dataDir = isAt('etcd.dataDir')
      const data =
        wal !== undefined && wal.kind !== 'absent'
          ? true
          : dataDir !== undefined && (await machine.host.stat(writeAheadLog(dataDir))).kind !== 'absent'
      const begun =
        machine.facts.kubernetes && (data || (isAt('etcd') === 'external' && pods.kind !== 'absent'))
      const address = advertised(spec, files)
      const etcdTag = imageTagIn(files.get(manifestFiles.etcd))
      const { name } = machine.spec
      return {
        told,
        nodes: address === undefined ? [] : [{ name, address, runtime: '', controlPlane: true }],
        living: begun ? [name] : [],
        carrying: isAt('network') === undefined ? [] : [name],
        runtimes:
          machine.facts.kubernetes && isAt('runtime') !== undefined
            ? [[name, isAt('runtime') ?? ''] as const]
            : [],
        versions: begun
          ? [[name, told.filter(({ field }) => field === 'kubernetes.version').map(({ is }) => is)] as const]
          : [],
        etcdTags: begun && etcdTag !== undefined ? [[name, etcdTag] as const] : [],
      }
    }),
  )
  return {
    told: perNode.flatMap(({ told }) => told),
    nodes: perNode.flatMap(({ nodes }) => nodes),
    living: perNode.flatMap(({ living }) => living),
    carrying: perNode.flatMap(({ carrying }) => carrying),
    runtimes: new Map(perNode.flatMap(({ runtimes }) => runtimes)),
    versions: new Map(perNode.flatMap(({ versions }) => versions)),
    etcdTags: new Map(perNode.flatMap(({ etcdTags }) => etcdTags)),
  }
}
