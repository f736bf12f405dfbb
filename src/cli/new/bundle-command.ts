import { bundleArches } from '../../bundle/manifest.js'
import { debianVersion } from '../../lab/binaries/obtain.js'

/**
 * The command that creates a bundle of this version of Kubernetes: for the one that a lab builds `lab bundle`.
 * @param arches architectures of the machines that were seen, as Go names them
 */
export function bundleCommand(version: string, arches: readonly string[] = []): string {
  if (version === debianVersion) return 'kubestrap lab bundle'
  const known = bundleArches.filter((arch) => arches.includes(arch))
  return `kubestrap bundle create${known.every((arch) => arch === 'amd64') ? '' : ` --arch ${known.join(',')}`}`
}
