import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf, UserError } from '../../lib/errors.js'
import type { SshSpec } from '../ssh-spec.js'
import {
  fingerprint,
  judge,
  type KnownHost,
  keyTypeOf,
  knownHostName,
  namesHost,
  type Verdict,
} from './known-hosts.js'
import { type KnownHostsIndex, knownHostsIndex } from './known-hosts-index.js'

/** Host-key algorithms ssh2 speaks, by the key type known_hosts names; RSA keys sign with SHA-2 too. */
const algorithmsOf: Readonly<Record<string, readonly string[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
}

/** No known_hosts file has a key of this host, and unknown keys are refused. */
export class HostKeyUnknown extends UserError {}

/** Appends to one known_hosts file are one after the other, whatever hosts they come from. */
let appending: Promise<void> = Promise.resolve()

/**
 * What we know of a host's key, and the decision on the one it shows. The decision is made at once, from what
 * the files said before the dial: a server may ask for new keys at any time (sshd's RekeyLimit), and ssh2
 * loses packets that come while it waits for an answer (all that follow are then "Bad packet length").
 */
export class HostKeys {
  #refusal: UserError | undefined
  #accepted: Buffer | undefined
  /** The line to write for a new one. */
  #new: string | undefined
  /** Keys that did not have the fingerprint. */
  readonly #wrong: { type: string; shown: string }[] = []
  #again = false

  private constructor(
    readonly host: string,
    readonly name: string,
    readonly ssh: SshSpec,
    /** Those that may speak of it. */
    readonly entries: readonly KnownHost[],
  ) {}

  /** Reads the known_hosts files; one that is not there says nothing. Throws UserError when one cannot be read. */
  static async read(host: string, ssh: SshSpec): Promise<HostKeys> {
    // an alias stands for host and port (ssh_config(5), HostKeyAlias)
    const name = ssh.hostKeyAlias ?? knownHostName(ssh.host, ssh.port)
    const entries =
      ssh.hostKey === undefined
        ? await Promise.all(
            ssh.knownHosts.map(async (file) => knownHostsIndex(file, await textOf(file)).about(name)),
          )
        : []
    return new HostKeys(host, name, ssh, entries.flat())
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

  /** The key that was accepted on this connection. */
  get accepted(): Buffer | undefined {
    return this.#accepted
  }

  /** To be called for a new dial: what was accepted on the one before does not count. */
  dialled(): void {
    this.#accepted = undefined
  }

  /** Whether the key may be trusted; with accept-new an unknown one is. The same answer at each key exchange of a connection. */
  accept(key: Buffer): boolean {
    if (this.#accepted) return this.#same(key, this.#accepted)
    const right = this.#judge(key)
    if (right) this.#accepted = Buffer.from(key)
    return right
  }

  /**
   * Writes a key that was accepted as new into the first known_hosts file. Throws UserError when it cannot, or
   * when another key of this host has been written there since it was read.
   */
  async remember(): Promise<void> {
    const [file] = this.ssh.knownHosts
    const line = this.#new
    const key = this.#accepted
    if (line === undefined || key === undefined || file === undefined) return
    try {
      const changed = await remember(file, line, (index) => judge(index.about(this.name), this.name, key))
      if (changed) throw this.#isNot(changed, key)
    } catch (error) {
      if (error instanceof UserError) throw error
      throw new UserError('connection', `cannot write the host key of ${this.name}`, {
        host: this.host,
        why: `${file}: ${messageOf(error)}`,
        next: 'make the file writable, or name another with ssh.knownHosts',
        cause: error,
      })
    }
    this.#new = undefined
  }

  #same(key: Buffer, before: Buffer): boolean {
    if (key.equals(before)) return true
    this.#refusal = new UserError(
      'connection',
      `the host key of ${this.name} changed during the connection`,
      {
        host: this.host,
        why: `at first: ${fingerprint(before)}\nthen: ${fingerprint(key)}`,
        next: 'run again; if it happens again, find out what is between kubestrap and the host',
      },
    )
    return false
  }

  #isNot(verdict: Extract<Verdict, { kind: 'changed' | 'revoked' }>, key: Buffer): UserError {
    const { entry } = verdict
    return new UserError(
      'connection',
      `the host key of ${this.name} ${verdict.kind === 'changed' ? 'has changed' : 'is revoked'}`,
      {
        host: this.host,
        why: [
          `known (${entry.at}): ${fingerprint(entry.key)}`,
          `shown by the host: ${fingerprint(key)}`,
          'Someone may intercept the connection, or the host was reinstalled.',
          ...this.ssh.notes,
        ].join('\n'),
        next: `find out which; if the host was reinstalled: ssh-keygen -R '${this.name}' -f ${entry.at.replace(/:\d+$/, '')}`,
      },
    )
  }

  #judge(key: Buffer): boolean {
    const shown = fingerprint(key)
    if (this.ssh.hostKey !== undefined) return this.#byFingerprint(shown, keyTypeOf(key), this.ssh.hostKey)
    const verdict = judge(this.entries, this.name, key)
    if (verdict.kind === 'known') return true
    if (verdict.kind === 'changed' || verdict.kind === 'revoked') {
      this.#refusal = this.#isNot(verdict, key)
      return false
    }
    if (this.ssh.hostKeys === 'accept-new' && this.ssh.knownHosts.length > 0) {
      this.#new = `${this.name} ${keyTypeOf(key)} ${key.toString('base64')}`
      return true
    }
    const authority = this.entries.find(
      (entry) => entry.marker === '@cert-authority' && namesHost(entry, this.name),
    )
    this.#refusal = new HostKeyUnknown('connection', `the host key of ${this.name} is unknown`, {
      host: this.host,
      why: [
        `the host shows ${shown}; no entry in ${this.ssh.knownHosts.join(', ') || 'any file'}`,
        ...(authority
          ? [`${authority.at} is a @cert-authority entry; kubestrap does not support host certificates`]
          : []),
        ...this.ssh.notes,
      ].join('\n'),
      next: `compare the fingerprint, then set ssh.hostKey: ${shown} for this host, or ssh.hostKeys: accept-new, or add the key (ssh-keyscan -p ${this.ssh.port} …)`,
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
      `the host key of ${this.name} is not the one in the inventory`,
      {
        host: this.host,
        why: [
          `ssh.hostKey: ${right}`,
          ...this.#wrong.map((key) => `shown by the host: ${key.shown} (${key.type})`),
          'Someone may intercept the connection, or the host was reinstalled.',
        ].join('\n'),
        next: 'find out which; on the host: ssh-keygen -l -f /etc/ssh/ssh_host_ed25519_key.pub',
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

/**
 * Appends a line. Another run, or another host of this one, may have written meanwhile: what the file says now
 * decides. Returns the verdict when it speaks against the key.
 */
function remember(
  file: string,
  line: string,
  judged: (index: KnownHostsIndex) => Verdict,
): Promise<Extract<Verdict, { kind: 'changed' | 'revoked' }> | undefined> {
  const writing = appending.then(async () => {
    const text = await textOf(file)
    const verdict = judged(knownHostsIndex(file, text))
    if (verdict.kind === 'changed' || verdict.kind === 'revoked') return verdict
    if (verdict.kind === 'known') return undefined
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    const temporary = `${file}.${randomBytes(4).toString('hex')}`
    await writeFile(temporary, `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`, {
      mode: 0o600,
    })
    await rename(temporary, file)
    return undefined
  })
  // one that failed is its own caller's affair
  appending = writing.then(
    () => {},
    () => {},
  )
  return writing
}
