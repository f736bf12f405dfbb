import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cache, single } from './lab.js'
import { show, time } from './measure.js'
import { root, run } from './program.js'

const kubeadm = join(cache, 'binaries/v1.20.2/kubeadm')
const cluster = ['--kubernetes-version', 'v1.20.2', '--control-plane-endpoint', 'api.lab.internal:6443']

/** Each side writes all keys and certificates of a stacked control plane into a directory, in a new process. */
const sides = {
  kubeadm: (directory) =>
    run(kubeadm, ['init', 'phase', 'certs', 'all', ...cluster, '--cert-dir', directory]),
  kubestrap: (directory) =>
    run(process.execPath, [join(root, 'test/bench/make-certificates.js'), directory, single.inventory]),
}

/** The keys and certificates of a control plane, by turns. */
export async function certificates(runs) {
  const times = { kubeadm: [], kubestrap: [] }
  for (let i = 0; i < runs; i += 1)
    for (const [name, make] of Object.entries(sides)) {
      const directory = mkdtempSync(join(tmpdir(), 'kubestrap-bench-'))
      try {
        times[name].push(await time(() => make(directory)))
      } finally {
        rmSync(directory, { recursive: true })
      }
    }
  show('kubeadm init phase certs all', times.kubeadm)
  show('all keys and certificates', times.kubestrap, times.kubeadm)
}
