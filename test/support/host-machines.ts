import type { Connection } from '../../src/host/connection.js'
import { localConnection } from '../../src/host/local-connection.js'
import { sshConnection } from '../../src/host/ssh/ssh-connection.js'
import { asIs, testOperator } from './operator.js'
import { makeSshFiles, type SshFiles, sshHostSpec } from './ssh-files.js'
import { type SshServer, startSshServer } from './ssh-server.js'
import { noSshd, startSshd } from './sshd.js'

/** A way to reach this machine. */
export interface Machine {
  connect(): Connection
  /** Breaks the transport under every connection; a local one has none to break. */
  drop?: () => Promise<void>
  stop(): Promise<void>
}

export interface MachineKind {
  name: string
  /** Why it cannot be had here. */
  missing(): string | undefined
  start(): Promise<Machine>
}

const ssh = (start: (files: SshFiles) => Promise<SshServer>) => async (): Promise<Machine> => {
  const files = makeSshFiles()
  const server = await start(files)
  const spec = sshHostSpec(files, server.port)
  return {
    connect: () => sshConnection(spec, { become: asIs, operator: testOperator() }),
    drop: server.drop,
    stop: async () => {
      await server.stop()
      files.remove()
    },
  }
}

/** Every way to reach this machine; the contract is the same for all. */
export const machineKinds: readonly MachineKind[] = [
  {
    name: 'local',
    missing: () => undefined,
    start: async () => ({ connect: () => localConnection(), stop: async () => {} }),
  },
  { name: 'ssh2 server', missing: () => undefined, start: ssh(startSshServer) },
  { name: 'sshd', missing: noSshd, start: ssh(startSshd) },
]
