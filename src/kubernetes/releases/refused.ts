/**
 * Flags, admission plugins and feature gates that a component of a minor refuses: it does not start with one of them.
 *
 * Sources. Gates that went until 1.25: kubernetes.io, "Feature Gates (removed)". From 1.26 on gates that went, and from
 * 1.25 on locked gates: the difference between the kube_features.go of Kubernetes (pkg/features, k8s.io/apiserver,
 * apiextensions-apiserver, component-base) of one minor and the next, in the vendored trees of microshift 4.12 to 4.23. Flags: from
 * 1.26 on the difference between what those trees register; before, the changelogs of 1.23 (scheduler policy), 1.24 (#106907
 * dockershim, #106932 dynamic configuration, #106859 insecure serving) and 1.26 (klog's flags, KEP-2845).
 * Admission plugins: the difference between the lists of plugins (pkg/kubeapiserver/options/plugins.go) of 1.20 and of 1.25 to 1.36 in
 * those trees; between them #98669 for 1.21, and the deprecation guide (policy/v1beta1) for PodSecurityPolicy.
 * API versions of configuration files: kube-scheduler's by k/k #104782 (1.23), #117649 (1.28) and #119994 (1.29), audit policies' by
 * #98858 and #108092 (1.24).
 */

/** Flags of a component, plugins, or gates, by name: the first minor that refuses each. */
export type RefusedSince = Readonly<Record<string, string>>

/** @param names separated by blanks */
export const refusedSince = (minor: string, names: string): RefusedSince =>
  Object.fromEntries(words(names).map((name) => [name, minor]))

/** Feature gates that may be set to one value alone. @param names separated by blanks */
export const lockedTo = (value: boolean, names: string): Readonly<Record<string, boolean>> =>
  Object.fromEntries(words(names).map((name) => [name, value]))

const words = (names: string): string[] => names.trim().split(/\s+/)
