import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../lib/errors.js'
import { packageRoot } from '../../lib/package-root.js'
import { alone } from '../alone.js'
import { cacheDirectory } from '../cache.js'
import { command, must } from '../command.js'
import { exists, installMissing } from '../debian-packages.js'
import type { Report } from '../report.js'

/** Everything a control plane, a node and kubeadm's own tests need. */
export const programs = [
  'kubeadm',
  'kubelet',
  'kubectl',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
] as const

/** What Debian 12 carries as source package `kubernetes` (1.20.5+really1.20.2). */
export const debianVersion = '1.20.2'

const buildNeeds = [
  'golang-go',
  'golang-github-modern-go-reflect2-dev',
  'dpkg-dev',
  'gcc',
  'libc6-dev',
  'binutils',
]

const template = (name: string): string => join(packageRoot, `templates/lab/binaries/${name}`)

export interface Binaries {
  directory: string
  origin: 'cache' | "Debian's source package"
}

/**
 * Kubernetes' programs and `pause` for this machine's architecture: from the cache, else built once from Debian's source
 * package (about four minutes on two cores).
 * The directory appears under its name only when complete.
 */
export async function obtainBinaries(version: string, report: Report): Promise<Binaries> {
  const directory = join(cacheDirectory, 'binaries', `v${version}`)
  const there = async (): Promise<Binaries | undefined> =>
    (await exists(directory)) ? { directory, origin: 'cache' } : undefined
  return (
    (await there()) ??
    alone(directory, report, async () => (await there()) ?? makeBinaries(version, directory, report))
  )
}

async function makeBinaries(version: string, directory: string, report: Report): Promise<Binaries> {
  const part = `${directory}.part`
  await rm(part, { recursive: true, force: true })
  await mkdir(part, { recursive: true })
  await build(version, part, report)
  await rename(part, directory)
  return { directory, origin: "Debian's source package" }
}

async function build(version: string, out: string, report: Report): Promise<void> {
  if (version !== debianVersion)
    throw new UserError('preflight', `a bundle of Kubernetes ${version} cannot be created here`, {
      why: `the bundle of a lab is built from Debian's source package, which is ${debianVersion}`,
      next: `leave binaries out of the inventory, so that the machines download ${version}; or set kubernetes.version: "${debianVersion}"`,
    })
  await installMissing(buildNeeds, report)
  const gopath = join(cacheDirectory, 'build')
  await rm(gopath, { recursive: true, force: true })
  await mkdir(gopath, { recursive: true })
  const began = Date.now()
  const elapsed = (): string => `${Math.round((Date.now() - began) / 1000)} s`
  report('fetching the source package of Kubernetes')
  await must('sh', [template('fetch-source.sh'), gopath])
  let packages = 0
  let stage = 'generating API definitions'
  const sign = setInterval(() => report(`building Kubernetes ${version}: ${stage}, ${elapsed()}`), 10_000)
  try {
    await must('sh', [template('build-kubernetes.sh'), gopath, out, version, programs.join(' ')], {
      onLine: (line) => {
        if (!/^[a-z0-9./_-]+$/i.test(line)) return
        packages += 1
        stage = `${packages} packages compiled`
      },
    })
  } finally {
    clearInterval(sign)
  }
  report(`built Kubernetes ${version} in ${elapsed()}`)
  await command('chmod', ['-R', 'u+w', gopath])
  await rm(gopath, { recursive: true, force: true })
  await writeFile(join(out, 'ORIGIN'), `Debian source package kubernetes, ${debianVersion}\n`)
}
