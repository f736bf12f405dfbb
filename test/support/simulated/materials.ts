import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { openBundle } from '../../../src/bundle/bundle.js'
import type { BundleImage, BundleManifest } from '../../../src/bundle/manifest.js'
import { writeImageArchive } from '../../../src/lab/binaries/image-archive.js'
import { obtainBinaries } from '../../../src/lab/binaries/obtain.js'
import { must } from '../../../src/lab/command.js'
import { installMissing } from '../../../src/lab/debian-packages.js'
import { baseRootfs } from '../../../src/lab/nspawn/base-rootfs.js'

/** What simulated worlds are made of. Worlds only read it. */
export interface Materials {
  /** Root file system the hosts stand on. */
  base: string
  /** Directories of the real programs that static pods run, in place of their images: Kubernetes' and etcd's. */
  programs: readonly [kubernetes: string, etcd: string]
  /** The bundle hosts get: the real kubelet and kubectl, and images with nothing inside. */
  bundle: string
}

/**
 * Gathers them in `scratch`, from the lab's cache where it has them; otherwise they are made as a lab
 * makes them, which takes minutes, once for each machine.
 */
export async function gatherMaterials(scratch: string): Promise<Materials> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  await installMissing(['debootstrap', 'iproute2', 'curl'], say)
  const base = await baseRootfs(say)
  const cached = join(homedir(), '.cache/kubestrap/bundle/v1.20.2')
  if (!existsSync(join(cached, 'bundle.json')))
    await must(process.execPath, ['bin/kubestrap.js', 'lab', 'bundle', '-i', 'inventories/lab.yaml'], {
      onLine: say,
    })
  const { manifest } = await openBundle(cached)
  const binaries = await obtainBinaries(manifest.kubernetesVersion, say)
  const etcd = join(scratch, 'etcd')
  mkdirSync(etcd)
  await extractEtcd(cached, manifest, etcd)
  const bundle = join(scratch, 'bundle')
  await lightBundle(cached, manifest, bundle)
  return { base, programs: [binaries.directory, etcd], bundle }
}

/** etcd out of the image that real clusters of this bundle run. */
async function extractEtcd(cached: string, manifest: BundleManifest, into: string): Promise<void> {
  const image = manifest.images.find(({ reference }) => reference.includes('/etcd:'))
  if (!image) throw new Error('the bundle has no etcd')
  const script = `layer=$(tar -tzf "$1" | grep 'layer.tar$') && tar -xzOf "$1" "$layer" | tar -x -C "$2" --strip-components=2 usr/bin/etcd`
  await must('sh', ['-c', script, 'sh', join(cached, image.file), into])
}

/** The cached bundle with its real programs, and under the same references images that weigh nothing. */
async function lightBundle(cached: string, manifest: BundleManifest, directory: string): Promise<void> {
  const empty = join(directory, 'empty')
  mkdirSync(empty, { recursive: true })
  mkdirSync(join(directory, 'images'))
  symlinkSync(join(cached, 'bin'), join(directory, 'bin'))
  const images: BundleImage[] = []
  for (const { reference, needs, arch } of manifest.images) {
    // one byte of difference each, so that no two have the same id
    writeFileSync(join(empty, 'reference'), reference)
    const file = `images/${reference.replace(/[/:]/g, '_')}.tar.gz`
    const path = join(directory, file)
    const id = await writeImageArchive({ reference, root: empty, arch }, path)
    const fileSha256 = createHash('sha256').update(readFileSync(path)).digest('hex')
    images.push({ reference, needs, arch, file, id, fileSha256, fileSize: statSync(path).size })
  }
  writeFileSync(join(directory, 'bundle.json'), JSON.stringify({ ...manifest, images }))
}
