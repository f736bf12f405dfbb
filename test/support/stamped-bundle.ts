import { copyFile, mkdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { openBundle } from '../../src/bundle/bundle.js'
import { archesOf } from '../../src/bundle/manifest.js'
import { writeBundle } from '../../src/bundle/write-bundle.js'
import { buildImages } from '../../src/lab/binaries/images.js'
import { obtainBinaries, programs } from '../../src/lab/binaries/obtain.js'
import { cacheDirectory } from '../../src/lab/cache.js'
import { exists } from '../../src/lab/debian-packages.js'
import { stamp } from './stamp.js'

/** A release that exists and one that is its programs stamped anew. */
const real = '1.20.2'
export const stampedVersion = '1.20.3'

const report = (line: string): void => void process.stderr.write(`${line}\n`)

/**
 * A bundle of the real release's programs that say they are the next patch, to rehearse an upgrade
 * where no other release can be had. Kept in the cache; it appears only when complete.
 * @param of directory of the real release's bundle: what its images are called
 * @returns its directory
 */
export async function stampedBundle(of: string): Promise<string> {
  const directory = join(cacheDirectory, `stamped-v${stampedVersion}`)
  if (await exists(join(directory, 'bundle.json'))) return directory
  const [{ manifest }, binaries] = await Promise.all([openBundle(of), obtainBinaries(real, report)])
  const [arch = 'amd64'] = archesOf(manifest)
  const part = `${directory}.part`
  const stamped = join(part, 'stamped')
  await rm(part, { recursive: true, force: true })
  await mkdir(stamped, { recursive: true })
  for (const name of programs)
    await stamp(join(binaries.directory, name), join(stamped, name), `v${real}`, `v${stampedVersion}`)
  await copyFile(join(binaries.directory, 'pause'), join(stamped, 'pause'))
  const reference = (name: string): string => {
    const found = manifest.images.find(({ file }) => basename(file) === `${name}.tar.gz`)
    if (!found) throw new Error(`${of} has no image ${name}`)
    return found.reference.replace(`v${real}`, `v${stampedVersion}`)
  }
  const images = await buildImages(
    stamped,
    {
      apiServer: reference('kube-apiserver'),
      controllerManager: reference('kube-controller-manager'),
      scheduler: reference('kube-scheduler'),
      proxy: reference('kube-proxy'),
      pause: reference('pause'),
      etcd: reference('etcd'),
      verify: reference('verify'),
    },
    join(part, 'images'),
    join(part, 'work'),
    arch,
    report,
  )
  await writeBundle(part, {
    kubernetesVersion: stampedVersion,
    arch,
    binaries: ['kubelet', 'kubectl', 'kubeadm'].map((name) => ({ name, path: join(stamped, name) })),
    images: images.map((image) => ({ ...image, file: `images/${basename(image.file)}` })),
  })
  await Promise.all(['work', 'stamped'].map((name) => rm(join(part, name), { recursive: true, force: true })))
  await rm(directory, { recursive: true, force: true })
  await rename(part, directory)
  return directory
}
