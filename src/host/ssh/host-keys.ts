import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { SshSpec } from '../../inventory/spec.js'
import { UserError } from '../../lib/errors.js'
import {
  fingerprint,
  judge,
  type KnownHost,
  keyTypeOf,
  knownHostName,
  namesHost,
  parseKnownHosts,
} from './known-hosts.js'

/** Host-key algorithms ssh2 speaks, by the key type known_hosts names; RSA keys sign with SHA-2 too. */
const algorithmsOf: Readonly<Record<string, readonly string[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
}

/** Appends to one known_hosts file are one after the other, whatever hosts they come from. */
let appending: Promise<void> = Promise.resolve()

/** What we know of a host's key, and the decision on the one it shows. */
export class HostKeys {
  #refusal: UserError | undefined
  /** Keys that did not have the fingerprint. */
  readonly #wrong: { type: string; shown: string }[] = []
  #again = false

  private constructor(
    readonly host: string,
    readonly name: string,
    readonly ssh: SshSpec,
    readonly entries: readonly KnownHost[],
  ) {}

  /** Reads the known_hosts files; one that is not there says nothing. Throws UserError when one cannot be read. */
  static async read(host: string, ssh: SshSpec): Promise<HostKeys> {
    const texts =
      ssh.hostKey === undefined
        ? await Promise.all(ssh.knownHosts.map(async (file) => parseKnownHosts(await textOf(file), file)))
        : []
    // an alias stands for host and port (ssh_config(5), HostKeyAlias)
    return new HostKeys(host, ssh.hostKeyAlias ?? knownHostName(ssh.host, ssh.port), ssh, texts.flat())
  }

  /** Algorithms to offer, those of known keys first (as OpenSSH does), so that the server shows one we know. */
  algorithms(): string[] {
    const known = this.entries
      .filter((entry) => entry.marker === '' && judge([entry], this.name, entry.key).kind === 'known')
      .flatMap((entry) => algorithmsOf[entry.keyType] ?? [])
    const all = [...new Set([...known, ...Object.values(algorithmsOf).flat()])]
    const wrong = this.#wrong.flatMap(({ type }) => algorithmsOf[type] ?? [])
    return all.filter((algorithm) => !wrong.includes(algorithm))
  }

  /** Whether to ask the host for a key of another type, because this one's fingerprint was not the right one. */
  anotherType(): boolean {
    const again = this.#again && this.algorithms().length > 0
    this.#again = false
    return again
  }

  /** Why the key was refused, when it was. */
  get refusal(): UserError | undefined {
    return this.#refusal
  }

  /** Whether the key may be trusted; with accept-new an unknown one is, and remembered. */
  async accept(key: Buffer): Promise<boolean> {
    const shown = fingerprint(key)
    if (this.ssh.hostKey !== undefined) return this.#byFingerprint(shown, keyTypeOf(key), this.ssh.hostKey)
    const verdict = judge(this.entries, this.name, key)
    if (verdict.kind === 'known') return true
    if (verdict.kind === 'changed' || verdict.kind === 'revoked') {
      const { entry } = verdict
      this.#refusal = new UserError(
        'connection',
        `the host key of ${this.name} is ${verdict.kind === 'changed' ? 'not the one we know' : 'revoked'}`,
        {
          host: this.host,
          why: [
            `known (${entry.at}): ${fingerprint(entry.key)}`,
            `shown by the host: ${shown}`,
            'Somebody may be in between, or the machine was set up anew.',
            ...this.ssh.notes,
          ].join('\n'),
          next: `find out which; if the machine is new: ssh-keygen -R '${this.name}' -f ${entry.at.replace(/:\d+$/, '')}`,
        },
      )
      return false
    }
    const [file] = this.ssh.knownHosts
    if (this.ssh.hostKeys === 'accept-new' && file) {
      try {
        await remember(file, `${this.name} ${keyTypeOf(key)} ${key.toString('base64')}`)
        return true
      } catch (error) {
        this.#refusal = new UserError('connection', `cannot remember the host key of ${this.name}`, {
          host: this.host,
          why: `${file}: ${error instanceof Error ? error.message : String(error)}`,
          next: 'make the file writable, or name another with ssh.knownHosts',
          cause: error,
        })
        return false
      }
    }
    const authority = this.entries.find(
      (entry) => entry.marker === '@cert-authority' && namesHost(entry, this.name),
    )
    this.#refusal = new UserError('connection', `the host key of ${this.name} is unknown`, {
      host: this.host,
      why: [
        `it shows ${shown}; none of ${this.ssh.knownHosts.join(', ') || 'no file'} names it`,
        ...(authority
          ? [`${authority.at} is about certificates of hosts, which kubestrap cannot check`]
          : []),
        ...this.ssh.notes,
      ].join('\n'),
      next: `compare the fingerprint, then write ssh.hostKey: ${shown} for this host, or ssh.hostKeys: accept-new, or add the key (ssh-keyscan -p ${this.ssh.port} …)`,
    })
    return false
  }

  #byFingerprint(shown: string, type: string, right: string): boolean {
    if (shown === right) {
      this.#refusal = undefined
      return true
    }
    this.#wrong.push({ type, shown })
    this.#again = true
    this.#refusal = new UserError(
      'connection',
      `the host key of ${this.name} is not the one of the inventory`,
      {
        host: this.host,
        why: [
          `ssh.hostKey: ${right}`,
          ...this.#wrong.map((key) => `shown by the host: ${key.shown} (${key.type})`),
          'Somebody may be in between, or the machine was set up anew.',
        ].join('\n'),
        next: 'find out which; on the machine: ssh-keygen -l -f /etc/ssh/ssh_host_ed25519_key.pub',
      },
    )
    return false
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw new UserError('connection', `cannot read ${file}`, { cause: error, why: String(error) })
  }
}

function remember(file: string, line: string): Promise<void> {
  // one that failed is its own caller's affair
  appending = appending
    .catch(() => {})
    .then(async () => {
      const text = await textOf(file)
      if (text.split('\n').includes(line)) return
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      const temporary = `${file}.${randomBytes(4).toString('hex')}`
      await writeFile(temporary, `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`, {
        mode: 0o600,
      })
      await rename(temporary, file)
    })
  return appending
}
