import { mkdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { writeBundle } from '../../bundle/write-bundle.js'
import { alone } from '../alone.js'
import { exists } from '../debian-packages.js'
import type { Report } from '../report.js'
import { buildImages, type ImageReferences } from './images.js'
import { obtainBinaries } from './obtain.js'

const goArch: Readonly<Record<string, 'amd64' | 'arm64'>> = { x64: 'amd64', arm64: 'arm64' }

/**
 * Makes the bundle a lab's cluster comes from, at `directory`; quick when it is there. It appears
 * only when complete.
 */
export async function makeLabBundle(
  version: string,
  references: ImageReferences,
  directory: string,
  report: Report,
): Promise<'there' | 'made'> {
  const there = (): Promise<boolean> => exists(join(directory, 'bundle.json'))
  if (await there()) return 'there'
  return alone(directory, report, async () => {
    if (await there()) return 'there'
    await make(version, references, directory, report)
    return 'made'
  })
}

async function make(
  version: string,
  references: ImageReferences,
  directory: string,
  report: Report,
): Promise<void> {
  const arch = goArch[process.arch] ?? 'amd64'
  const binaries = await obtainBinaries(version, report)
  report(`binaries of Kubernetes ${version}: ${binaries.origin}`)
  const part = `${directory}.part`
  await rm(part, { recursive: true, force: true })
  await mkdir(dirname(part), { recursive: true })
  const images = await buildImages(
    binaries.directory,
    references,
    join(part, 'images'),
    join(part, 'work'),
    arch,
    report,
  )
  await rm(join(part, 'work'), { recursive: true, force: true })
  report('creating the bundle')
  await writeBundle(part, {
    kubernetesVersion: version,
    arch,
    binaries: ['kubelet', 'kubectl', 'kubeadm'].map((name) => ({
      name,
      path: join(binaries.directory, name),
    })),
    images: images.map((image) => ({ ...image, file: `images/${basename(image.file)}` })),
  })
  await rm(directory, { recursive: true, force: true })
  await rename(part, directory)
}
