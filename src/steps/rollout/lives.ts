import type { Context } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import { UserError } from '../../lib/errors.js'

/** Where the kernel says which boot it is of. A container has one of its own, which its manager binds there. */
const bootIdFile = '/proc/sys/kernel/random/boot_id'

/**
 * Something that is ended and begun anew: a machine, a unit, a static Pod. Its life has a name that no other life of it has,
 * so that it can be told, by whoever asks and whenever, whether it was begun anew since.
 */
export interface Living {
  /** Unique in a rollout: "w1/boot". */
  key: string
  /** The name of its life now. Throws where it cannot be told. */
  life(): Promise<string>
}

/** The boot id of a machine. Throws UserError('step') for what is none. */
export async function bootId({ host }: Pick<Machine, 'host'>): Promise<string> {
  const answer = await host.read({
    what: 'read the boot id',
    logged: true,
    script: 'cat "$1"',
    args: [bootIdFile],
    timeoutMs: 5_000,
  })
  const id = answer.stdout.toString().trim()
  if (answer.code !== 0 || !/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
    throw new UserError('step', `cannot read the boot id in ${bootIdFile}`, {
      host: host.name,
      why: answer.stderr,
    })
  return id
}

/** A machine: it lives from boot to boot. */
export const machineLife = (machine: Machine): Living => ({
  key: `${machine.spec.name}/boot`,
  life: () => bootId(machine),
})

/** A unit of systemd: from one activation to the next. One that does not run has none yet. */
export const unitLife = (machine: Machine, unit: string): Living => ({
  key: `${machine.spec.name}/${unit}`,
  life: async () => {
    const { host } = machine
    const [boot, answer] = await Promise.all([
      bootId(machine),
      host.read({
        what: `ask since when ${unit} runs`,
        logged: true,
        script: 'systemctl show -p ActiveState -p ActiveEnterTimestampMonotonic -- "$1"',
        args: [unit],
      }),
    ])
    const said = answer.stdout.toString()
    const since = /^ActiveEnterTimestampMonotonic=(\d+)$/m.exec(said)?.[1]
    if (answer.code !== 0 || since === undefined)
      throw new UserError('step', `could not check since when ${unit} runs`, {
        host: host.name,
        why: answer.stderr || said,
      })
    return /^ActiveState=active$/m.test(said) ? `${boot} ${since}` : `${boot} not active`
  },
})

/** A static Pod: as long as its containers run. */
export const podLife = ({ runtime }: Context, { spec, host }: Machine, name: string): Living => ({
  key: `${spec.name}/static-pod:${name}`,
  life: async () => {
    const answer = await host.read({ script: runtime.podContainersScript, args: [name], timeoutMs: 20_000 })
    if (answer.code !== 0)
      throw new UserError('step', `cannot list the containers of ${name}`, {
        host: host.name,
        why: answer.stderr,
      })
    return answer.stdout.toString().split('\n').filter(Boolean).sort().join(' ')
  },
})
