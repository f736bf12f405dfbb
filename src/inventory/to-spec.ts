import { dirname, resolve } from 'node:path'
import { canonicalAddress, canonicalCidr, parseAddress } from '../lib/cidr.js'
import { parseDuration } from '../lib/time.js'
import type { Path } from '../lib/yaml-source.js'
import type { Kept } from './choice.js'
import { defaults } from './defaults.js'
import { parseEndpoint } from './endpoint.js'
import { endpointAddress } from './endpoint-address.js'
import { etcdOf } from './etcd-to-spec.js'
import type { Known } from './known.js'
import { parseTaint } from './labels.js'
import { type Layer, layersOf, mergeLayers } from './layers.js'
import { leaderElectionFlags } from './leader-election.js'
import { originsOf } from './origins.js'
import { sourcesOf } from './program-sources-to-spec.js'
import { rolloutOf } from './rollout.js'
import type { HostSettings } from './schema/hosts.js'
import { bare } from './schema/record.js'
import type { Inventory } from './schema/schema.js'
import { parseSecretSource } from './secret-reference.js'
import type { ClusterSpec, ExtraVolume, HostSpec, OsSpec, RegistrySpec } from './spec.js'
import type { SshWorld } from './ssh-config/world.js'
import { sshOf } from './ssh-to-spec.js'
import { minorOf, parseVersion } from './version.js'

/** busybox with httpd, wget and nslookup for Pods; in bundles by the name that bundles have had. */
const verifyImage = {
  bundled: 'registry.k8s.io/e2e-test-images/busybox:1.29-4',
  pulled: 'docker.io/library/busybox:1.36.1',
}

export interface Surroundings {
  file: string
  home: string
  /** "FILE:LINE:COLUMN" of a path's key. */
  at(path: Path): string
  known: Known
  /** Undefined: no SSH configuration is read. */
  sshWorld?: SshWorld
  /** The same inventory, with what a living cluster has in the place of defaults. */
  sha256: string
  keeping(kept: Kept): ClusterSpec
  atVersion(version: string): ClusterSpec
}

/**
 * A checked inventory with every default filled in, frozen; addresses and subnets in their one canonical form, so
 * that everywhere else they are the same when their texts are.
 * Pure but for what `sshWorld` reads.
 */
export function toSpec(inventory: Inventory, around: Surroundings): ClusterSpec {
  const directory = dirname(around.file)
  const path = (text: string): string => resolve(directory, text.replace(/^~(?=\/|$)/, around.home))
  const version = parseVersion(inventory.kubernetes.version) ?? inventory.kubernetes.version
  const hostOf = (name: string, address: string, layers: readonly Layer[], at: string): HostSpec => {
    const own = mergeLayers(layers)
    return {
      name: name.toLowerCase(),
      address: canonicalAddress(address),
      roles: own.roles ?? [],
      groups: layers.flatMap(({ path: [kind, group] }) => (kind === 'groups' ? [String(group)] : [])),
      connection: own.connection ?? 'ssh',
      ssh: sshOf(
        [
          { ssh: inventory.ssh, path: ['ssh'] },
          ...layers.map(({ settings, path: at }) => ({ ssh: settings.ssh, path: [...at, 'ssh'] })),
        ],
        address,
        { ...around, resolve: path, world: own.connection === 'local' ? undefined : around.sshWorld },
      ),
      os: osOf(own.os, path, at),
      timeSync: own.timeSync,
      firewall: own.firewall,
      state: own.state ?? 'up',
      labels: bare(own.labels ?? {}),
      taints: (own.taints ?? []).flatMap((taint) => parseTaint(taint) ?? []),
      kubeletConfig: bare(own.kubelet?.config ?? {}),
      kubeletExtraArgs: bare(own.kubelet?.extraArgs ?? {}),
      origins: originsOf(inventory, layers, around.at),
      at,
    }
  }
  const hosts = Object.entries(inventory.hosts).map(([name, { address }]) =>
    hostOf(name, address, layersOf(inventory, name), around.at(['hosts', name])),
  )
  const bindPort = inventory.apiServer?.bindPort ?? defaults.bindPort
  const first = hosts.find((host) => host.roles.includes('control-plane'))?.address ?? ''
  const given = inventory.kubernetes.controlPlaneEndpoint
  const endpoint = given === undefined ? undefined : parseEndpoint(given)
  return freeze({
    file: around.file,
    directory,
    sha256: around.sha256,
    clusterName: inventory.kubernetes.clusterName ?? 'kubernetes',
    version,
    minor: minorOf(version),
    imageRepository: inventory.kubernetes.imageRepository,
    endpoint: endpoint
      ? { ...endpoint, host: canonicalAddress(endpoint.host), explicit: true }
      : { host: first, port: bindPort, named: false, explicit: false },
    endpointAddress: endpointAddress(endpoint, hosts, inventory.loadBalancer, around.known),
    loadBalancer: inventory.loadBalancer && {
      type: inventory.loadBalancer.type,
      virtualIp: virtualIp(inventory),
      interface: inventory.loadBalancer.interface,
      routerId: inventory.loadBalancer.routerId ?? routerId(inventory.loadBalancer.virtualIP),
      image: inventory.loadBalancer.image,
    },
    apiServer: {
      bindPort,
      certSANs: certSans(inventory, canonicalAddress(endpoint?.host ?? first)),
      extraArgs: inventory.apiServer?.extraArgs ?? {},
      extraVolumes: volumesOf(inventory.apiServer, path),
    },
    controllerManager: {
      extraArgs: argumentsOf(inventory.controllerManager),
      extraVolumes: volumesOf(inventory.controllerManager, path),
    },
    scheduler: {
      extraArgs: argumentsOf(inventory.scheduler),
      extraVolumes: volumesOf(inventory.scheduler, path),
    },
    etcd: etcdOf(inventory.etcd, hosts, path),
    networking: {
      podSubnet: canonicalCidr(inventory.networking?.podSubnet ?? defaults.podSubnet),
      serviceSubnet: canonicalCidr(inventory.networking?.serviceSubnet ?? defaults.serviceSubnet),
      dnsDomain: inventory.networking?.dnsDomain ?? defaults.dnsDomain,
    },
    certificates: {
      renewBefore: parseDuration(inventory.certificates?.renewBefore ?? defaults.renewBefore) ?? 0,
    },
    rollout: rolloutOf(inventory, hosts.filter(isNodeSpec).length),
    dns: { enabled: inventory.dns?.enabled ?? true, imageTag: inventory.dns?.imageTag },
    runtime: inventory.runtime,
    runtimePrograms: Object.fromEntries(
      inventory.docker?.criDockerd ? [['cri-dockerd', path(inventory.docker.criDockerd)]] : [],
    ),
    registries: registriesOf(inventory, around, path),
    network: inventory.network,
    flannel: { backend: inventory.flannel?.backend ?? 'vxlan' },
    unset: inventory.unset,
    unsetSources: inventory.unsetSources,
    keeping: around.keeping,
    outsider: (address) => {
      const layers = inventory.defaults ? [{ path: ['defaults'], settings: inventory.defaults }] : []
      return { ...hostOf(address, address, layers, 'the command line'), roles: [], state: 'up' }
    },
    atVersion: around.atVersion,
    kubelet: {
      config: bare(inventory.kubelet?.config ?? {}),
      extraArgs: bare(inventory.kubelet?.extraArgs ?? {}),
    },
    kubeProxy: { config: inventory.kubeProxy?.config ?? {} },
    kubeconfig: { loginUser: inventory.kubeconfig?.loginUser ?? false },
    binaries: {
      bundle: inventory.binaries && path(inventory.binaries.bundle),
      ...(inventory.binaries?.sha256 ? { sha256: inventory.binaries.sha256.toLowerCase() } : {}),
    },
    sources: sourcesOf(inventory, path, around.at),
    verify: {
      image: inventory.verify?.image ?? verifyImage[inventory.binaries ? 'bundled' : 'pulled'],
      bundled: inventory.verify?.image ?? verifyImage.bundled,
    },
    hosts,
    at: (dotted: string) => around.at(dotted.split('.')),
    lab: inventory.lab && {
      provider: 'nspawn',
      bridge: inventory.lab.bridge ?? 'ks-lab0',
      gateway: canonicalCidr(inventory.lab.gateway),
      directory: path(inventory.lab.directory ?? '~/.cache/kubestrap/lab'),
      packages: inventory.lab.packages ?? [],
      suites: Object.fromEntries(
        Object.entries(bare(inventory.lab.suites ?? {})).map(([name, suite]) => [name.toLowerCase(), suite]),
      ),
    },
  })
}

function osOf(os: HostSettings['os'], path: (text: string) => string, at: string): OsSpec {
  return {
    like: os?.like,
    hold: os?.hold ?? false,
    repositories: Object.entries(os?.repositories ?? {}).map(([name, { url, key, ...own }]) => ({
      name,
      url: url.replace(/\/+$/, ''),
      key: path(key),
      suite: own.suite ?? '',
      components: own.components ?? [],
      signedLists: own.signedLists ?? true,
      at,
    })),
  }
}

function virtualIp({ loadBalancer }: Inventory): string | undefined {
  return loadBalancer?.virtualIP === undefined ? undefined : canonicalAddress(loadBalancer.virtualIP)
}

/** Timings become flags here, so that kubeadm's own configuration in the cluster has them too. */
function argumentsOf(component: Inventory['scheduler']): Record<string, string> {
  return { ...leaderElectionFlags(component?.leaderElection), ...component?.extraArgs }
}

function volumesOf(
  component: Pick<NonNullable<Inventory['apiServer']>, 'extraVolumes'> | undefined,
  path: (text: string) => string,
): ExtraVolume[] {
  const byName = Object.entries(component?.extraVolumes ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return byName.map(([name, { hostPath, source, ...own }]) => ({
    name,
    hostPath,
    mountPath: own.mountPath ?? hostPath,
    readOnly: own.readOnly ?? source !== undefined,
    pathType: own.pathType ?? (source === undefined ? '' : 'File'),
    source: source === undefined ? undefined : path(source),
  }))
}

function registriesOf(
  { registries = {} }: Inventory,
  { at }: Surroundings,
  path: (text: string) => string,
): RegistrySpec[] {
  return Object.entries(registries).map(([name, { mirrors = [], fallback = true, caFile, auth, ...own }]) => {
    const source = auth && parseSecretSource(auth.password, path)
    const key = ['registries', name, 'auth', 'password']
    return {
      name,
      mirrors,
      fallback,
      caFile: caFile === undefined ? undefined : path(caFile),
      skipVerify: own.skipVerify ?? false,
      auth: auth &&
        source && { username: auth.username, password: { source, key: key.join('.'), at: at(key) } },
      at: at(['registries', name]),
    }
  })
}

/**
 * The last byte of the virtual IP, so that several in one network differ by themselves, and no run or machine
 * chooses another.
 */
/** With the load balancer's virtual IP, by which an operator may reach the API; the endpoint's host is there anyway. */
function certSans(inventory: Inventory, endpointHost: string): string[] {
  const given = (inventory.apiServer?.certSANs ?? []).map(canonicalAddress)
  const virtual = virtualIp(inventory)
  return virtual === undefined || virtual === endpointHost || given.includes(virtual)
    ? given
    : [...given, virtual]
}

function routerId(virtualIp: string | undefined): number {
  const { value = 1n } = parseAddress(virtualIp ?? '') ?? {}
  return Number(value & 255n) || 255
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) freeze(inner)
  }
  return value
}

const isNodeSpec = ({ roles }: HostSpec): boolean =>
  roles.includes('control-plane') || roles.includes('worker')
