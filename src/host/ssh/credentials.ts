import type { AnyAuthMethod, ParsedKey } from 'ssh2'
import { messageOf } from '../../lib/errors.js'
import type { Operator } from '../operator.js'
import type { SshSpec } from '../ssh-spec.js'
import { agentKeys, sameKey, showing } from './agent-keys.js'
import { byKeyboard } from './keyboard.js'

/** One way to log in, and how it is called in messages. */
export interface Way {
  name: string
  method: AnyAuthMethod
}

/** What there is to log in with. */
export interface Offer {
  /** In the order they will be tried. */
  ways: readonly Way[]
  /** Why others are none, for the message when nothing worked. */
  problems: readonly string[]
  /** Whether a person could give more. */
  wantsAsking: boolean
}

/**
 * Gathers what there is to log in with: answers of the operator first; then keys that were named, of
 * those the agent holds first (as ssh does); the agent's others; the usual keys; a password.
 * @param mayAsk whether a person is asked for what only a person has
 * Throws UserError('connection') for a secret that cannot be had.
 */
export async function offerOf(ssh: SshSpec, operator: Operator, mayAsk: boolean): Promise<Offer> {
  const problems: string[] = []
  const username = ssh.user
  let wantsAsking = false

  const socket = ssh.agent === undefined ? operator.agent : ssh.agent || undefined
  const held = socket === undefined ? [] : await heldBy(socket, problems)
  const byAgent = async (keys: readonly ParsedKey[], name: string): Promise<Way[]> =>
    socket === undefined || keys.length === 0
      ? []
      : [{ name, method: { type: 'agent', username, agent: await showing(socket, keys) } }]

  const asked: Way[] = []
  const own: Way[] = []
  const known: ParsedKey[] = []
  for (const file of ssh.keys) {
    const found = await operator.keyring.look(file)
    if (found.kind === 'unusable') {
      if (ssh.keysNamed || !found.missing) problems.push(`${file}: ${found.reason}`)
      continue
    }
    const open = found.kind === 'encrypted' ? found.public : found.key
    const inAgent = open && held.find((key) => sameKey(key, open))
    if (inAgent) known.push(inAgent)
    else if (found.kind === 'public') problems.push(`${file}: a public key, and no agent has the private key`)
    else if (found.kind === 'private')
      own.push({ name: file, method: { type: 'publickey', username, key: found.key } })
    else {
      const byPerson = ssh.passphrase === undefined || ssh.passphrase.source.kind === 'prompt'
      if (byPerson && !mayAsk && !operator.keyring.isAsked(file)) {
        wantsAsking = true
        const alone = operator.secrets.terminal
          ? ''
          : ', and there is no terminal to ask for the passphrase on'
        problems.push(`${file}: encrypted${alone}`)
        continue
      }
      const key = await operator.keyring.unlock(file, found.text, ssh.passphrase)
      asked.push({ name: file, method: { type: 'publickey', username, key } })
    }
  }

  const others = ssh.identitiesOnly ? [] : held.filter((key) => !known.includes(key))
  const agentName = `${others.length === 1 ? 'a key' : `${others.length} keys`} of the agent ${socket}`
  const passwords: Way[] = []
  if (ssh.password && !mayAsk && operator.secrets.wantsAsking(ssh.password)) wantsAsking = true
  else if (ssh.password) {
    const password = await operator.secrets.resolve(ssh.password)
    const name = `the password (${ssh.password.at})`
    passwords.push(
      { name, method: { type: 'password', username, password: password.reveal() } },
      { name, method: byKeyboard(ssh, operator.secrets, password) },
    )
  } else if (operator.secrets.terminal)
    passwords.push({ name: 'questions', method: byKeyboard(ssh, operator.secrets, undefined) })

  const named = [...(await byAgent(known, `${known.length} of these keys in the agent`)), ...own]
  const rest = await byAgent(others, agentName)
  const keys = ssh.keysNamed ? [...named, ...rest] : [...rest, ...named]
  const ways = mayAsk ? [...asked, ...passwords, ...keys] : [...keys, ...asked, ...passwords]
  return { ways, problems, wantsAsking }
}

async function heldBy(socket: string, problems: string[]): Promise<readonly ParsedKey[]> {
  try {
    return await agentKeys(socket)
  } catch (error) {
    problems.push(`agent ${socket}: ${messageOf(error)}`)
    return []
  }
}
