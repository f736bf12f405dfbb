import { terminal } from './ask-terminal.js'
import { type Ask, Secrets } from './secrets.js'
import { Bastions } from './ssh/bastions.js'
import { Keyring } from './ssh/keyring.js'
import { Pace } from './ssh/pace.js'

/** The side kubestrap runs on, one for a run: what it can log in with, and what its connections share. */
export interface Operator {
  /** SSH_AUTH_SOCK, when set. */
  agent: string | undefined
  /** Whether this process is root already, for local connections. */
  root: boolean
  secrets: Secrets
  keyring: Keyring
  bastions: Bastions
  pace: Pace
  patience: Patience
  /** How long a TCP connection to sshd may take to come about, ms. Default 10 000. */
  connectMs?: number
}

/** How long what is silent is waited for, milliseconds. */
export interface Patience {
  /** For a server that took a TCP connection, until keys are exchanged. */
  handshakeMs: number
  /** For any sign of life of a connection that was there. */
  silenceMs: number
}

/** @param ask undefined: there is no terminal */
export function createOperator(options: {
  agent: string | undefined
  root: boolean
  environment: Readonly<Record<string, string | undefined>>
  ask: Ask | undefined
  patience?: Patience
}): Operator {
  const secrets = new Secrets(options.environment, options.ask)
  return {
    agent: options.agent,
    root: options.root,
    secrets,
    keyring: new Keyring(secrets),
    bastions: new Bastions(),
    pace: new Pace(),
    patience: options.patience ?? { handshakeMs: 20_000, silenceMs: 40_000 },
  }
}

let own: Operator | undefined

/** This process's, made when first asked for. */
export function thisOperator(): Operator {
  own ??= createOperator({
    // set and empty: no agent (as OpenSSH has it)
    agent: process.env.SSH_AUTH_SOCK || undefined,
    root: process.getuid?.() === 0,
    environment: process.env,
    ask: terminal(),
  })
  return own
}
