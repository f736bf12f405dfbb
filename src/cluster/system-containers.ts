import { type ContainerState, containerStates } from '../runtimes/container-states.js'
import type { Context } from './context.js'
import type { Machine } from './machine.js'

/**
 * The containers of kube-system on a machine, running or not, the newest first; `at` by the host's own clock, ms.
 * Throws when the runtime does not tell.
 */
export async function systemContainers(
  { runtime }: Pick<Context, 'runtime'>,
  { host }: Pick<Machine, 'host'>,
): Promise<{ at: number; containers: ContainerState[] }> {
  const answer = await host.read({
    what: 'list the containers of kube-system',
    script: `${runtime.containerFunctions}\ndate +%s\nsystem_containers`,
    timeoutMs: 20_000,
  })
  const [at = '', ...lines] = answer.stdout.toString().split('\n')
  if (answer.code !== 0 || !/^\d+$/.test(at))
    throw new Error(`cannot list the containers of ${host.name}: ${answer.stderr.trim()}`)
  return { at: Number(at) * 1000, containers: containerStates(lines.join('\n')) }
}
