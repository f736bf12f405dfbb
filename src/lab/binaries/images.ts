import { chmod, copyFile, cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BundleImage } from '../../bundle/manifest.js'
import { packageRoot } from '../../lib/package-root.js'
import { must } from '../command.js'
import type { Report } from '../report.js'
import { writeImageArchive } from './image-archive.js'

/** What each image is called; the release and the inventory know. */
export interface ImageReferences {
  apiServer: string
  controllerManager: string
  scheduler: string
  proxy: string
  pause: string
  etcd: string
  verify: string
}

export interface BuiltImage {
  reference: string
  id: string
  /** The archive. */
  file: string
  needs: BundleImage['needs']
}

const imageRoot = join(packageRoot, 'templates/lab/binaries/image-root.sh')

/** What iptables and conntrack need to run in an image: programs, libraries, plug-ins. */
const proxyPackages = [
  'libc6',
  'iptables',
  'conntrack',
  'kmod',
  'libxtables12',
  'libip4tc2',
  'libip6tc2',
  'libnftnl11',
  'libmnl0',
  'libnfnetlink0',
  'libnetfilter-conntrack3',
  'libkmod2',
  'libcrypto3',
  'libssl3',
  'liblzma5',
  'libzstd1',
  'zlib1g',
  'libedit2',
  'libtinfo6',
  'libbsd0',
  'libmd0',
  'libgmp10',
  'libjansson4',
  'libnftables1',
].filter((name) => name !== 'libcrypto3')
const etcdPackages = ['libc6', 'etcd-server', 'etcd-client']

/** Programs of busybox that the verification's pods use. */
const applets = [
  'sh',
  'httpd',
  'wget',
  'cat',
  'echo',
  'env',
  'hostname',
  'ip',
  'ls',
  'mkdir',
  'nc',
  'nslookup',
  'printf',
  'sleep',
  'test',
  'timeout',
]

/** Makes the images of a lab's cluster without a container engine. `work` is scratch space of its own. */
export async function buildImages(
  binaries: string,
  references: ImageReferences,
  out: string,
  work: string,
  arch: string,
  report: Report,
): Promise<BuiltImage[]> {
  await mkdir(out, { recursive: true })
  const build = async (
    name: string,
    reference: string,
    needs: BundleImage['needs'],
    fill: (root: string) => Promise<void>,
    entrypoint?: readonly string[],
  ): Promise<BuiltImage> => {
    const root = join(work, name)
    await rm(root, { recursive: true, force: true })
    await mkdir(root, { recursive: true })
    await fill(root)
    const file = join(out, `${name}.tar.gz`)
    report(`creating image ${reference}`)
    const id = await writeImageArchive({ reference, root, arch, ...(entrypoint ? { entrypoint } : {}) }, file)
    await rm(root, { recursive: true, force: true })
    return { reference, id, file, needs }
  }
  const program = (name: string) => (root: string) =>
    install(join(binaries, name), join(root, 'usr/local/bin', name))
  const images: BuiltImage[] = []
  for (const [name, reference] of [
    ['kube-apiserver', references.apiServer],
    ['kube-controller-manager', references.controllerManager],
    ['kube-scheduler', references.scheduler],
  ] as const)
    images.push(await build(name, reference, 'control-plane', program(name)))
  images.push(
    await build('etcd', references.etcd, 'control-plane', async (root) => {
      await must('sh', [imageRoot, root, ...etcdPackages])
    }),
    await build('kube-proxy', references.proxy, 'node', async (root) => {
      await must('sh', [imageRoot, root, ...proxyPackages])
      await useNft(root)
      await program('kube-proxy')(root)
    }),
    await build(
      'pause',
      references.pause,
      'node',
      (root) => install(join(binaries, 'pause'), join(root, 'pause')),
      ['/pause'],
    ),
    await build('verify', references.verify, 'verify', busybox),
  )
  return images
}

async function install(from: string, to: string): Promise<void> {
  await mkdir(join(to, '..'), { recursive: true })
  await copyFile(from, to)
  await chmod(to, 0o755)
}

/** The nft variant under the plain names, as on the hosts: rules of both kinds in one kernel confuse each other. */
async function useNft(root: string): Promise<void> {
  for (const name of [
    'iptables',
    'iptables-save',
    'iptables-restore',
    'ip6tables',
    'ip6tables-save',
    'ip6tables-restore',
  ]) {
    await rm(join(root, 'usr/sbin', name), { force: true })
    await symlink('xtables-nft-multi', join(root, 'usr/sbin', name))
  }
}

async function busybox(root: string): Promise<void> {
  await must('sh', [imageRoot, `${root}.deb`, 'busybox-static'])
  await mkdir(join(root, 'bin'), { recursive: true })
  await cp(join(`${root}.deb`, 'usr/bin/busybox'), join(root, 'bin/busybox'))
  await rm(`${root}.deb`, { recursive: true, force: true })
  for (const applet of applets) await symlink('busybox', join(root, 'bin', applet))
  await mkdir(join(root, 'tmp'), { mode: 0o1777 })
  await mkdir(join(root, 'etc'))
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\n')
}
