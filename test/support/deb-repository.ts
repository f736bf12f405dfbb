import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Page, sha256 } from './release-site.js'

export interface Deb {
  name: string
  version: string
  depends?: string
  /** The one file it has, or the files, and what is in them. */
  file?: readonly [path: string, content: string | Buffer]
  files?: Readonly<Record<string, string | Buffer>>
}

/** Who signs a repository. */
export class Signer {
  readonly #home: string

  constructor(directory: string) {
    this.#home = mkdtempSync(join(directory, 'gpg-'))
    chmodSync(this.#home, 0o700)
    this.#gpg('--passphrase', '', '--quick-gen-key', 'packages of a test', 'rsa2048', 'sign', 'never')
  }

  /** The public key, armored. */
  get key(): string {
    return this.#gpg('--armor', '--export').toString()
  }

  clearsigned(text: string): string {
    return this.#gpg('--clearsign', { input: text }).toString()
  }

  end(): void {
    execFileSync('gpgconf', ['--homedir', this.#home, '--kill', 'all'])
    rmSync(this.#home, { recursive: true, force: true })
  }

  #gpg(...args: (string | { input: string })[]): Buffer {
    const options = args.find((one) => typeof one !== 'string')
    const words = args.filter((one) => typeof one === 'string')
    return execFileSync('gpg', ['--homedir', this.#home, '--batch', '--quiet', ...words], {
      ...options,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
  }
}

/** A repository without suites, as pkgs.k8s.io has them: its pages by path below `base`. */
export function debRepository(
  directory: string,
  base: string,
  debs: readonly Deb[],
  signer: Signer,
): Map<string, Page> {
  const pages = new Map<string, Page>()
  const entries = debs.map((deb) => {
    const data = built(directory, deb)
    const file = `amd64/${deb.name}_${deb.version}_amd64.deb`
    pages.set(`${base}/${file}`, data)
    return `${control(deb)}Filename: ${file}\nSize: ${data.length}\nSHA256: ${sha256(data)}\n`
  })
  const packages = entries.join('\n')
  const release = `Origin: test
Date: ${new Date().toUTCString().replace('GMT', 'UTC')}
Architectures: amd64
SHA256:
 ${sha256(packages)} ${Buffer.byteLength(packages)} Packages
`
  pages.set(`${base}/Packages`, packages)
  pages.set(`${base}/InRelease`, signer.clearsigned(release))
  pages.set(`${base}/Release.key`, signer.key)
  return pages
}

const control = ({ name, version, depends }: Deb): string =>
  `Package: ${name}
Version: ${version}
Architecture: amd64
Maintainer: A test <test@example.com>
${depends === undefined ? '' : `Depends: ${depends}\n`}Description: a package of a test
`

function built(directory: string, deb: Deb): Buffer {
  const tree = mkdtempSync(join(directory, 'deb-'))
  mkdirSync(join(tree, 'DEBIAN'))
  writeFileSync(join(tree, 'DEBIAN/control'), control(deb))
  for (const [path, content] of [...(deb.file ? [deb.file] : []), ...Object.entries(deb.files ?? {})]) {
    mkdirSync(join(tree, path, '..'), { recursive: true })
    writeFileSync(join(tree, path), content, { mode: path.includes('/bin/') ? 0o755 : 0o644 })
  }
  // programs are large: the fastest compression
  const build = ['-Zgzip', '-z1', '--root-owner-group', '--build', tree, `${tree}.deb`]
  execFileSync('dpkg-deb', build, { stdio: 'ignore' })
  const data = readFileSync(`${tree}.deb`)
  rmSync(tree, { recursive: true, force: true })
  rmSync(`${tree}.deb`)
  return data
}
