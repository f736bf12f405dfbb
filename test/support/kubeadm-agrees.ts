import { expect } from 'vitest'
import { answerOf, type MachineName } from './e2e-lab.js'
import { bring } from './kubeadm-node.js'

/**
 * Expects of the real kubeadm of the version that a cluster has that it finds nothing wrong with it: its plan of an upgrade to that version
 * ends well, and in the manifests of the static Pods it would change the tags of images alone to go to the next patch release.
 * @param plane a control plane node
 * @param bundle directory of a bundle of the version, which has kubeadm
 * @param version "1.36.3"
 */
export async function kubeadmAgrees(plane: MachineName, bundle: string, version: string): Promise<void> {
  await bring(plane, bundle, 'kubeadm')
  const planned = await answerOf(plane, `kubeadm upgrade plan v${version}`)
  process.stderr.write(`${planned.stdout}\n${planned.stderr}\n`)
  expect(planned.code, planned.stderr).toBe(0)
  const next = version.replace(/\d+$/, (patch) => String(Number(patch) + 1))
  const diff = await answerOf(plane, `kubeadm upgrade diff v${next}`)
  expect(diff.code, diff.stderr).toBe(0)
  expect(changedLines(diff.stdout).sort()).toEqual(
    ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
      .flatMap((name) => [
        `-    image: registry.k8s.io/${name}:v${version}`,
        `+    image: registry.k8s.io/${name}:v${next}`,
      ])
      .sort(),
  )
}

/** Lines of a unified diff that only one side has. */
export const changedLines = (diff: string): string[] => diff.match(/^[+-](?!\+\+ |-- ).*/gm) ?? []
