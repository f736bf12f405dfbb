import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cache } from './lab.js'
import { measure, show } from './measure.js'
import { root, run } from './program.js'

const kubeadm = join(cache, 'binaries/v1.20.2/kubeadm')
const cluster = ['--kubernetes-version', 'v1.20.2', '--control-plane-endpoint', 'api.lab.internal:6443']

/** All keys and certificates of a stacked control plane, written to files, each time by a new process. */
export async function certificates(runs) {
  const inScratch = (work) => async () => {
    const directory = mkdtempSync(join(tmpdir(), 'kubestrap-bench-'))
    try {
      await work(directory)
    } finally {
      rmSync(directory, { recursive: true })
    }
  }
  const theirs = await measure(
    runs,
    inScratch((directory) =>
      run(kubeadm, ['init', 'phase', 'certs', 'all', ...cluster, '--cert-dir', directory]),
    ),
  )
  const ours = await measure(
    runs,
    inScratch((directory) =>
      run(process.execPath, [join(root, 'test/bench/make-certificates.js'), directory]),
    ),
  )
  show('kubeadm init phase certs all', theirs)
  show('all keys and certificates', ours, theirs)
}
