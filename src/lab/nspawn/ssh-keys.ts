import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { must } from '../command.js'
import { exists } from '../debian-packages.js'

export interface LabKeys {
  /** The operator's private key. */
  identity: string
  publicKey: string
  knownHosts: string
}

/** The operator's key for all machines of a lab, made once. */
export async function operatorKey(directory: string): Promise<LabKeys> {
  const folder = join(directory, 'ssh')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const identity = join(folder, 'id_ed25519')
  if (!(await exists(identity))) await keygen(identity, 'kubestrap-lab')
  return {
    identity,
    publicKey: await readFile(`${identity}.pub`, 'utf8'),
    knownHosts: join(folder, 'known_hosts'),
  }
}

/** A machine's host key pair in `folder`, made once. Returns the public key. */
export async function hostKey(folder: string): Promise<string> {
  const path = join(folder, 'ssh_host_ed25519_key')
  if (!(await exists(path))) await keygen(path, 'lab')
  return readFile(`${path}.pub`, 'utf8')
}

/** Writes known_hosts for exactly these machines. */
export async function writeKnownHosts(
  file: string,
  machines: readonly { address: string; key: string }[],
): Promise<void> {
  const lines = machines.map(
    ({ address, key }) => `${address} ${key.split(' ').slice(0, 2).join(' ').trim()}\n`,
  )
  await writeFile(file, lines.join(''), { mode: 0o600 })
}

async function keygen(path: string, comment: string): Promise<void> {
  await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', path])
}
