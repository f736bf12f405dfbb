import type { Context } from '../../cluster/context.js'
import { kubeletUnit } from '../../cluster/kubelet-unit.js'
import type { Machine } from '../../cluster/machine.js'
import type { Step } from '../../engine/step.js'
import type { OperatingSystem } from '../../os/os.js'
import { heldPackages } from '../../resources/held-packages.js'
import { repositoryStepId } from '../../resources/repository.js'
import { fetchedPackages, fetchedPackagesId, versionedPackages } from '../../resources/versioned-packages.js'
import { type KubernetesRepository, kubernetesPackages } from '../../sources/community-packages.js'
import type { Turn } from '../rollout/node-turn.js'

const id = 'kubernetes'

/** The last of the steps that need the package manager for Kubernetes. */
export const kubernetesHeldId = `packages:${id}-held`

/** The repository that a node installs Kubernetes from; undefined where it comes without packages. */
export const repositoryFor = (
  { kubernetesRepositories }: Pick<Context, 'kubernetesRepositories'>,
  { os, release }: Machine,
): KubernetesRepository | undefined => kubernetesRepositories[release.wanted.minor]?.[os.packageFormat]

/**
 * kubelet, kubectl and kubeadm as packages in exactly the version that a node should run, which no upgrade by others touches.
 * @param turn what their replacement waits for, in an upgrade: a package may restart its unit
 */
export function kubernetesPackageSteps(
  { host, os, release }: Machine,
  { wish }: KubernetesRepository,
  turn?: Turn,
): Step[] {
  const packages = {
    id,
    title: 'Kubernetes packages',
    names: kubernetesPackages,
    version: release.wanted.version,
    repository: os.repository(wish),
    marks: [kubeletUnit],
    // after the other packages: the package manager has one lock
    needs: [`${host.name}/${repositoryStepId(wish)}`, `${host.name}/packages:node`],
  }
  return [
    ...(turn ? [fetchedPackages(host, os, packages)] : []),
    {
      ...versionedPackages(host, os, {
        ...packages,
        needs: turn ? [`${host.name}/${fetchedPackagesId(id)}`] : packages.needs,
      }),
      ...turn,
    },
    heldPackages(host, os, kubernetesPackages, [`${host.name}/packages:${id}`], kubernetesHeldId),
  ]
}

/**
 * The operating system as Pod networks see it. The package of the kubelet requires kubernetes-cni, which puts the CNI
 * plug-ins where runtimes look (kubernetes/release, cmd/krel/templates/latest), and so does a download: those of the
 * distribution are not wanted then.
 */
export const networkOs = (
  context: Pick<Context, 'spec' | 'kubernetesRepositories'>,
  machine: Machine,
): OperatingSystem =>
  repositoryFor(context, machine) === undefined && context.spec.sources.cniPlugins === 'packages'
    ? machine.os
    : {
        ...machine.os,
        cniPluginDirectory: '/opt/cni/bin',
        packages: { ...machine.os.packages, cniPlugins: [] },
      }
