import type { UpgradeCheck } from './check.js'

/** Whether what the hop installs can be had at all. */
export const sourceChecks: readonly UpgradeCheck[] = [
  {
    name: 'VersionSource',
    about:
      "The inventory's source has the version of each hop: the bundle is for it, or packages of its minor exist.",
    run: ({ hop, spec, to }) => {
      if (hop.available) return []
      const [place, what, next] = {
        bundle: [
          'binaries.bundle',
          `the bundle is not for Kubernetes ${hop.to}`,
          `set kubernetes.version to ${hop.to}, create a bundle in a directory beside (kubestrap bundle create DIRECTORY), set binaries.bundle to that directory, and run kubestrap up`,
        ],
        packages: [
          'sources.kubernetes',
          `the community repositories have no packages of Kubernetes ${to.minor}`,
          'use sources: { kubernetes: download }, or a bundle',
        ],
        download: ['kubernetes.version', `Kubernetes ${hop.to} is not known`, 'choose another version'],
      }[spec.sources.kubernetes] as [string, string, string]
      return [{ host: spec.at(place), severity: 'error', what, next }]
    },
  },
]
