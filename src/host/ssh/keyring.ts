import { readFile } from 'node:fs/promises'
import type { ParsedKey } from 'ssh2'
import { UserError } from '../../lib/errors.js'
import type { Secrets } from '../secrets.js'
import type { SecretReference } from '../ssh-spec.js'
import { parseKey } from './parse-key.js'

/** What lies at a key's path. */
export type KeyFile =
  | { kind: 'private'; key: ParsedKey }
  /** `public`: from FILE.pub, when that is there. */
  | { kind: 'encrypted'; public: ParsedKey | undefined; text: string }
  /** A public key whose private one an agent may hold. */
  | { kind: 'public'; key: ParsedKey }
  | { kind: 'unusable'; missing: boolean; reason: string }

/** How often a passphrase is asked for before the key is given up. */
const attempts = 3

/** Private keys of a run: each file read once, each passphrase asked for once. */
export class Keyring {
  readonly #files = new Map<string, Promise<KeyFile>>()
  readonly #unlocked = new Map<string, Promise<ParsedKey>>()

  constructor(readonly secrets: Secrets) {}

  /** Never throws: what cannot be used says why. */
  async look(file: string): Promise<KeyFile> {
    const unlocked = await this.#unlocked.get(file)?.catch(() => undefined)
    if (unlocked) return { kind: 'private', key: unlocked }
    const known = this.#files.get(file) ?? look(file)
    this.#files.set(file, known)
    return known
  }

  /** Whether the key's passphrase is being asked for, or was. */
  isAsked(file: string): boolean {
    return this.#unlocked.has(file)
  }

  /**
   * The key of an encrypted file. Throws UserError('connection') when the reference's passphrase, or the
   * third from the terminal, does not open it.
   */
  unlock(file: string, text: string, passphrase: SecretReference | undefined): Promise<ParsedKey> {
    const known = this.#unlocked.get(file)
    if (known) return known
    const unlocking =
      passphrase && passphrase.source.kind !== 'prompt'
        ? this.#byReference(file, text, passphrase)
        : this.#byAsking(file, text)
    this.#unlocked.set(file, unlocking)
    unlocking.catch(() => {})
    return unlocking
  }

  async #byReference(file: string, text: string, passphrase: SecretReference): Promise<ParsedKey> {
    const secret = await this.secrets.resolve(passphrase)
    const key = await parseKey(text, secret.reveal())
    if (key instanceof Error)
      throw new UserError('connection', `${passphrase.key} does not decrypt ${file}`, {
        why: `${passphrase.at}: ${key.message}`,
        next: `test the passphrase: ssh-keygen -y -f ${file}`,
      })
    return key
  }

  async #byAsking(file: string, text: string): Promise<ParsedKey> {
    for (let left = attempts; left > 0; left -= 1) {
      const again = left < attempts ? 'Wrong passphrase. ' : ''
      const secret = await this.secrets.ask(
        `${again}Passphrase of ${file}: `,
        'load the key into an agent (ssh-add), or set ssh.passphrase: env:NAME',
      )
      const key = await parseKey(text, secret.reveal())
      if (!(key instanceof Error)) return key
    }
    throw new UserError('connection', `no passphrase entered decrypts ${file}`, {
      next: `test the passphrase: ssh-keygen -y -f ${file}`,
    })
  }
}

async function look(file: string): Promise<KeyFile> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return { kind: 'unusable', missing, reason: missing ? 'not there' : String(error) }
  }
  const key = await parseKey(text)
  if (!(key instanceof Error)) return { kind: key.isPrivateKey() ? 'private' : 'public', key }
  // ssh2's words for all three formats of encrypted keys, and ours for the fourth
  if (!/no passphrase given/.test(key.message))
    return { kind: 'unusable', missing: false, reason: key.message }
  const beside = await readFile(`${file}.pub`, 'utf8').catch(() => undefined)
  const open = beside === undefined ? undefined : await parseKey(beside)
  return { kind: 'encrypted', public: open instanceof Error ? undefined : open, text }
}
