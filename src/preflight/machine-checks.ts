import type { Context } from '../cluster/context.js'
import { isControlPlane, isEtcdHost, isNode, type Machine } from '../cluster/machine.js'
import { etcdMetricsPort } from '../kubernetes/etcd/flags.js'
import { healthPorts } from '../kubernetes/manifests/health-ports.js'
import { bundledImages } from '../steps/programs/bundled-images.js'
import { type Check, onEach, type Problem } from './check.js'
import type { Closer } from './closer.js'

/** kubeadm's minimum for a control plane (preflight NumCPU, Mem). */
const controlPlaneCpus = 2
const controlPlaneMemoryMiB = 1700

/** Room for images and binaries; kubelet starts evicting below 10 % anyway. */
const neededDiskMiB = 2048

/** From which use of the disk on the kubelet removes images, percent: its configuration's, or its default. */
function gcThreshold({ spec }: Context, machine: Machine): number {
  const { imageGCHighThresholdPercent: own } = { ...spec.kubelet.config, ...machine.spec.kubeletConfig }
  return typeof own === 'number' ? own : 85
}

/** Each machine by itself. */
export const machineChecks: readonly Check[] = [
  {
    name: 'IsPrivilegedUser',
    about: 'Commands run as root.',
    run: onEach(({ facts }) =>
      facts.uid === 0
        ? undefined
        : {
            severity: 'error',
            what: `commands run as uid ${facts.uid}`,
            next: 'use root or a user with sudo',
          },
    ),
  },
  {
    name: 'Systemd',
    about: 'systemd is the init system.',
    run: onEach(({ facts }) =>
      facts.init === 'systemd'
        ? undefined
        : {
            severity: 'error',
            what: 'systemd is not running',
            next: 'use a machine that runs systemd',
          },
    ),
  },
  {
    name: 'Architecture',
    about: 'The bundle is for this architecture, or Kubernetes is released for it.',
    run: onEach((machine, { programs, etcdHosts }) =>
      !(isNode(machine) || (isEtcdHost(machine) && etcdHosts?.programs.length)) ||
      programs.arches.includes(machine.facts.arch)
        ? undefined
        : {
            severity: 'error',
            what: `the machine is ${machine.facts.arch}, ${programs.from} ${programs.arches.join(', ')}`,
            next: 'use a bundle for its architecture, or another machine',
          },
    ),
  },
  {
    name: 'NumCPU',
    about: 'A control plane node has two CPUs.',
    run: onEach((machine) =>
      isControlPlane(machine) && machine.facts.cpus < controlPlaneCpus
        ? {
            severity: 'error',
            what: `${machine.facts.cpus} CPU, a control plane node requires ${controlPlaneCpus}`,
            next: 'add a CPU, or ignore NumCPU',
          }
        : undefined,
    ),
  },
  {
    name: 'Mem',
    about: 'A control plane node has 1700 MB of memory.',
    run: onEach((machine) =>
      isControlPlane(machine) && machine.facts.memoryMiB < controlPlaneMemoryMiB
        ? {
            severity: 'error',
            what: `${machine.facts.memoryMiB} MiB of memory, a control plane node requires ${controlPlaneMemoryMiB}`,
            next: 'add memory, or ignore Mem',
          }
        : undefined,
    ),
  },
  {
    name: 'DiskSpace',
    about: 'There is disk space under /var/lib for images and etcd data.',
    run: onEach((machine) =>
      (isNode(machine) || isEtcdHost(machine)) && machine.facts.diskFreeMiB < neededDiskMiB
        ? {
            severity: 'error',
            what: `${machine.facts.diskFreeMiB} MiB free under /var/lib, ${neededDiskMiB} required`,
            next: 'free disk space, or ignore DiskSpace',
          }
        : undefined,
    ),
  },
  {
    name: 'ImageSpace',
    about:
      'The disk is not so full that the kubelet removes images that no container uses, where those came from the bundle.',
    run: onEach((machine, context) => {
      const { diskFreeMiB, diskSizeMiB } = machine.facts
      if (!isNode(machine) || diskSizeMiB === 0 || bundledImages(context, machine).length === 0)
        return undefined
      // as the kubelet counts (pkg/kubelet/images/image_gc_manager.go): what is reserved for root counts as used
      const used = 100 - Math.floor((diskFreeMiB * 100) / diskSizeMiB)
      const threshold = gcThreshold(context, machine)
      if (used < threshold || threshold >= 100) return undefined
      return {
        severity: 'warning',
        what: `${used} % of the disk under /var/lib is used: from ${threshold} % on the kubelet removes images that no container uses, also those of the bundle, which it cannot pull again (with containerd 1.7.3 or later and a kubelet of 1.29 or later they are kept)`,
        next: 'free disk space, or raise kubelet.config.imageGCHighThresholdPercent',
      }
    }),
  },
  {
    name: 'Address',
    about: 'The address in the inventory is assigned to an interface of the machine.',
    run: onEach(({ spec, facts }) =>
      spec.connection === 'local' || facts.addresses.includes(spec.address)
        ? undefined
        : {
            severity: 'error',
            what: `${spec.address} is not assigned to any interface (${facts.addresses.filter((a) => !a.startsWith('127.') && a !== '::1').join(', ')})`,
            next: `use the address at which the other nodes reach the host (${spec.at})`,
          },
    ),
  },
  {
    name: 'Ports',
    about:
      'The ports of Kubernetes are free on a machine that is not a node yet, and the ports of etcd on etcd hosts.',
    run: onEach((machine, { spec, etcdHosts }) => {
      const isNew = isNode(machine) ? !machine.facts.kubernetes : etcdHosts?.fresh.has(machine.spec.name)
      if (isNew !== true) return undefined
      const etcd = [2379, 2380, etcdMetricsPort]
      const needed = [
        ...(isNode(machine) ? [10250] : etcd),
        ...(isControlPlane(machine)
          ? [spec.apiServer.bindPort, ...(spec.etcd.external ? [] : etcd), ...Object.values(healthPorts)]
          : []),
      ]
      const taken = needed.filter((port) => machine.facts.listening.includes(port))
      return taken.length === 0
        ? undefined
        : {
            severity: 'error',
            what: `port ${taken.join(', ')} in use`,
            next: `find the process that listens (ss -ltnp) and stop it, or ignore Ports`,
          }
    }),
  },
  {
    name: 'Swap',
    about:
      'Swap is off, as the kubelet requires; up turns it off, and nothing else is known to turn it on at boot.',
    run: (context, { presence }) =>
      context.machines.filter(isNode).flatMap((machine) => swapProblems(machine, presence)),
  },
]

function swapProblems({ spec, facts }: Machine, presence: Closer['presence']): Problem[] {
  const found = presence.get(spec.name)
  const swappers = found === undefined || found === 'unknown' ? [] : found.swappers
  const told = (what: string, next: string): Problem[] => [
    { host: spec.name, severity: 'warning', what, next },
  ]
  return [
    ...(facts.swaps.length > 0
      ? told(
          `swap is on (${facts.swaps.join(', ')})`,
          'nothing to do: up turns it off, and what systemd and the services it knows would turn on at boot',
        )
      : []),
    ...(swappers.length > 0
      ? told(
          `${swappers.join(', ')} may turn swap on at boot`,
          'up does not know: look for swapon there, and turn it off; the kubelet does not start with swap on',
        )
      : []),
  ]
}
