import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HostSpec } from '../../src/inventory/spec.js'
import { hostSpec, sshSpec } from './spec.js'

/** Keys made by ssh-keygen and a place for known_hosts, all in one temporary directory. */
export interface SshFiles {
  directory: string
  /** Private keys of: who may log in, who may not, the server, and a server set up anew. */
  client: string
  stranger: string
  host: string
  otherHost: string
  /** The file of this name in the directory. */
  path(name: string): string
  /** "ssh-ed25519 AAAA…" of one of the keys. */
  publicKey(file: string): string
  /** "SHA256:…" of one of the keys, as ssh-keygen -l says it. */
  fingerprint(file: string): string
  remove(): void
}

/** Throws when ssh-keygen is not installed. */
export function makeSshFiles(): SshFiles {
  const directory = mkdtempSync(join(tmpdir(), 'ks-ssh-'))
  const path = (name: string): string => join(directory, name)
  const make = (name: string): string => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', path(name)])
    return path(name)
  }
  const files = {
    directory,
    client: make('client'),
    stranger: make('stranger'),
    host: make('host'),
    otherHost: make('other-host'),
    path,
    publicKey: (file: string) => readFileSync(`${file}.pub`, 'utf8').trim(),
    fingerprint: (file: string) =>
      execFileSync('ssh-keygen', ['-l', '-f', `${file}.pub`])
        .toString()
        .split(' ')[1] ?? '',
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
  writeFileSync(path('authorized_keys'), `${files.publicKey(files.client)}\n`, { mode: 0o600 })
  return files
}

/** A host at 127.0.0.1:`port` whose key is known, to be entered with the client's key. */
export function sshHostSpec(files: SshFiles, port: number, over: Partial<HostSpec['ssh']> = {}): HostSpec {
  const known = files.path(`known_hosts-${port}`)
  writeFileSync(known, `[127.0.0.1]:${port} ${files.publicKey(files.host)}\n`)
  return hostSpec({
    address: '127.0.0.1',
    ssh: sshSpec({ host: '127.0.0.1', port, keys: [files.client], knownHosts: [known], ...over }),
  })
}
