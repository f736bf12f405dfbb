import type { Turns } from '../lib/turns.js'
import type { OnCommand } from './command-record.js'
import type { Host } from './host.js'
import { localConnection } from './local-connection.js'
import { type Operator, thisOperator } from './operator.js'
import { createHost } from './remote-host.js'
import { sshConnection } from './ssh/ssh-connection.js'
import type { ReachedHost } from './ssh-spec.js'
import type { Transfers } from './transfer/transfers.js'
import type { Become } from './wire.js'

export interface OpenOptions {
  /** Told of each command when it has ended. */
  onCommand?: OnCommand | undefined
  /** Who logs in. Default this process's user. */
  operator?: Operator
  /** Whose turn it is to send a stream, of all hosts of a run. */
  streams?: Turns
  /** What hosts of a run give on to each other. */
  transfers?: Transfers
}

/** The host of an inventory entry; connects when first used. */
export function openHost(
  spec: ReachedHost,
  { onCommand, operator = thisOperator(), streams, transfers }: OpenOptions = {},
): Host {
  const { sudoPassword, user } = spec.ssh
  const isRoot = spec.connection === 'local' ? operator.root : user === 'root'
  const become = async (): Promise<Become> => {
    if (isRoot) return 'none'
    if (!sudoPassword) return { sudo: { password: undefined } }
    return { sudo: { password: await operator.secrets.resolve(sudoPassword), at: sudoPassword.at } }
  }
  if (spec.connection === 'local')
    return createHost(spec.name, localConnection(become, spec.name), onCommand, streams, transfers)
  return createHost(spec.name, sshConnection(spec, { become, operator }), onCommand, streams, transfers)
}
