import type { HostSpec } from '../inventory/spec.js'
import type { OnCommand } from './command-record.js'
import type { Host } from './host.js'
import { localConnection } from './local-connection.js'
import { createHost } from './remote-host.js'
import { sshConnection } from './ssh/ssh-connection.js'
import type { Become } from './wire.js'

export interface OpenOptions {
  /** SSH_AUTH_SOCK, when set. */
  agent: string | undefined
  /** Whether this process is root already, for local connections. */
  root: boolean
  /** Told of each command when it has ended. */
  onCommand?: OnCommand
}

/** The host of an inventory entry; connects when first used. */
export function openHost(spec: HostSpec, options: OpenOptions): Host {
  const sudo: Become = { sudo: { password: undefined } }
  if (spec.connection === 'local')
    return createHost(spec.name, localConnection(options.root ? 'none' : sudo), options.onCommand)
  const become = spec.ssh.user === 'root' ? 'none' : sudo
  return createHost(
    spec.name,
    sshConnection(spec, { become, ...(options.agent ? { agent: options.agent } : {}) }),
    options.onCommand,
  )
}
