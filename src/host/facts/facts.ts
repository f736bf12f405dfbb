/** What a run knows of a machine before it plans: read once, in one round trip. */
export interface Facts {
  hostname: string
  os: { id: string; like: readonly string[]; version: string; name: string }
  /** What kind of container it is, as systemd-detect-virt calls it: "systemd-nspawn"; "none" for a machine; '' when it did not tell. */
  container: string
  /** /usr cannot be written to: it comes with an image. */
  usrReadOnly: boolean
  /** 'unknown': it is on, and did not tell its mode. */
  selinux: 'enforcing' | 'permissive' | 'disabled' | 'unknown'
  /** Active firewalls that manage rules of their own: "firewalld", "ufw"; 'unknown': systemd did not tell. */
  firewalls: readonly string[] | 'unknown'
  timeSync: TimeSyncFacts
  /** As Go names it: "amd64", "arm64". */
  arch: string
  kernel: string
  init: 'systemd' | 'other'
  /** systemd still starts what belongs to a boot. */
  booting: boolean
  cgroup: 'v1' | 'v2'
  cpus: number
  memoryMiB: number
  /** Free space where container images and etcd's data will lie, MiB. */
  diskFreeMiB: number
  /** Size of that file system, MiB; 0 where it is not known. */
  diskSizeMiB: number
  uid: number
  /** The machine's clock minus ours, milliseconds, and what that may be wrong by: half the time the reading took. */
  clockSkewMs: number
  clockUncertainMs: number
  /** Addresses of its interfaces, without prefix. */
  addresses: readonly string[]
  /** The address it would use towards the world: the kubelet's own choice. '' when it has no default route. */
  defaultAddress: string
  /** The interface of that route. '' when there is none. */
  defaultInterface: string
  interfaces: readonly Interface[]
  machineId: string
  productUuid: string
  /** Hardware addresses of interfaces that are not virtual to the machine itself. */
  macs: readonly string[]
  /** systemd-resolved answers on 127.0.0.53, so pods need its upstream file (kubeadm does the same). */
  resolvedActive: boolean
  /** Name servers of the resolv.conf that Pods get by it: resolved's own, or /etc/resolv.conf. [] when none is named. */
  nameservers: readonly string[]
  /** Those of kubeadm's optional CA directories that exist here. */
  caDirectories: readonly string[]
  /** It carries a node's or control plane's kubeconfig: its ports may be in use by its own kubelet. */
  kubernetes: boolean
  /** Units with a name that only kubestrap gives, which start at boot: "kubestrap-haproxy.service". */
  ownUnits: readonly string[]
  /** Local ports on which something listens, TCP. */
  listening: readonly number[]
  /** Control-group controllers that are on, as the kernel names them; [] when it did not tell. */
  cgroupControllers: readonly string[]
  /** Of the kernel features a node needs, those neither there nor to be loaded as a module. */
  missingModules: readonly string[]
  /** Packages it lacks to fetch files over HTTPS: "curl" where neither curl nor wget is there, "ca-certificates"; and to unpack archives (`archiveTools`). */
  lacksForDownloads: readonly string[]
  /** Projects whose release was unpacked here (archiveRecords), and whose files are in their places: "containerd", "cniPlugins". */
  downloads: readonly string[]
  /** What is there of a node, wherever it came from: "runtime" (containerd or dockerd), "cniPlugins". */
  nodeParts: readonly string[]
  /** Repositories whose lists a run that was cut did not get to read, by the package manager's names: "kubestrap-docker". */
  unreadRepositories: readonly string[]
  /** Devices and files that are swapped to: "/dev/sda2", "/dev/zram0". */
  swaps: readonly string[]
}

/** What keeps a machine's clock. Of a container nothing is asked: it has its host's clock. */
export interface TimeSyncFacts {
  /** Units of services that keep the clock, with their state as systemd has it; 'unknown': it did not tell. */
  units: readonly { unit: string; active: boolean; masked: boolean }[] | 'unknown'
  /** Whether the kernel's clock is being kept, by whatever; 'unknown': timedatectl did not tell. */
  synchronized: boolean | 'unknown'
  /** Clocks of its hypervisor: "KVM virtual PTP". */
  hypervisorClocks: readonly string[]
}

/** A network interface with what travels over it. */
export interface Interface {
  name: string
  /** Bytes; 0 when it did not tell. */
  mtu: number
  /** Without prefix. */
  addresses: readonly string[]
}

/** Directories by repository: what was there before a repository that was not read yet. */
export const unreadDirectory = '/var/lib/kubestrap/unread'

/** Programs that .tar.gz archives are unpacked with (tar runs gzip); small installations of Red Hat's family and SUSE have none. */
export const archiveTools: readonly string[] = ['tar', 'gzip']
