import type { Release } from '../../src/kubernetes/releases/release.js'

/** The table of versions in the README: Markdown, a row for each minor, newest first. */
export function releaseTable(releases: readonly Release[]): string {
  const rows = [...releases].reverse().map(({ minor, patch, images, clusterConfiguration, untested }) => {
    const api = clusterConfiguration.apiVersion.split('/')[1]
    return [minor, patch, images.etcd, images.coredns, images.pause, api, untested ? 'untested' : 'tested']
  })
  const head = ['Kubernetes', 'Known up to', 'etcd', 'CoreDNS', 'pause', 'kubeadm API', 'State']
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
