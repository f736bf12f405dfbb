import type { Exited } from '../../src/host/connection.js'
import type { Read } from '../../src/host/host.js'

/**
 * What a host says that is asked about units (resources/unit-state.ts): each is enabled, and in the given state. undefined for
 * any other question.
 */
export function unitsAnswer(
  { script, args = [] }: Pick<Read, 'script' | 'args'>,
  active = 'active',
): Partial<Exited> | undefined {
  if (!script.includes('echo @now')) return undefined
  const [settling = '', ...units] = args
  const sub = active === 'active' ? 'running' : 'dead'
  const blocks = units.map(() => `LoadState=loaded\nActiveState=${active}\nSubState=${sub}\nSourcePath=\n`)
  const enabled = settling === '' ? '' : `@enabled\n${settling.replace(/\S+ ?/g, 'enabled\n')}`
  return { stdout: Buffer.from(`@now\n${blocks.join('\n')}${enabled}@end\n`) }
}
