import type { Release } from '../../../src/kubernetes/releases/release.js'
import { generated, markdownTable, paragraphs } from './markdown.js'

/** The page of Kubernetes versions: a row for each minor, newest first. */
export function releasesPage(releases: readonly Release[]): string {
  const rows = [...releases].reverse().map(({ minor, patch, images, clusterConfiguration, untested }) => {
    const api = clusterConfiguration.apiVersion.split('/')[1] ?? ''
    return [minor, patch, images.etcd, images.coredns, images.pause, api, untested ? 'untested' : 'tested']
  })
  return paragraphs(
    '# Kubernetes versions',
    `${generated} \`untested\` (in the output of \`inventory validate\`, \`plan\` and \`up\` too) means that no cluster of real components of that minor was created yet. A newer patch release of a minor works, with the etcd, CoreDNS and pause of the newest known one. An inventory that names no version means, for a new cluster, the newest tested one.`,
    markdownTable(['Kubernetes', 'Known up to', 'etcd', 'CoreDNS', 'pause', 'kubeadm API', 'State'], rows),
  )
}
