/**
 * What of all that is said counts for a registry: what it is told by its own name, if only how it is reached, else "*". A
 * runtime reads one of its directories and never the other (containerd: docs/hosts.md, core/remotes/docker/config, hostPaths).
 */
export const registryFor = <T extends { name: string }>(
  registry: string,
  registries: readonly T[],
): T | undefined =>
  registries.find(({ name }) => name === registry) ?? registries.find(({ name }) => name === '*')
