import type { Exited } from '../../src/host/connection.js'
import type { Read } from '../../src/host/host.js'
import { unitsScript } from '../../src/resources/unit-state.js'

/**
 * What a host says that is asked about units (resources/unit-state.ts): each is enabled, and in the given state. undefined for
 * any other question.
 */
export function unitsAnswer(
  { script, args = [] }: Pick<Read, 'script' | 'args'>,
  active = 'active',
): Partial<Exited> | undefined {
  if (script !== unitsScript) return undefined
  const sub = active === 'active' ? 'running' : 'dead'
  const block = `LoadState=loaded\nActiveState=${active}\nSubState=${sub}\nSourcePath=`
  return {
    stdout: Buffer.from(
      saidOfUnits(
        args,
        () => block,
        () => 'enabled',
      ),
    ),
  }
}

/** What a host says that is asked about units, of which `blockOf` says what systemd does, and `enabledOf` what is-enabled does. */
export function saidOfUnits(
  [settling = '', ...units]: readonly string[],
  blockOf: (unit: string) => string,
  enabledOf: (unit: string) => string,
): string {
  const enabled = settling.split(' ').filter(Boolean)
  return [
    `@now\n${units.map(blockOf).join('\n\n')}`,
    ...(enabled.length > 0 ? ['@enabled', ...enabled.map(enabledOf)] : []),
    '@end\n',
  ].join('\n')
}

/** What was said of each unit: its block once it no longer started, and what is-enabled said where that was asked. */
export function unitsIn(
  [settling = '', ...units]: readonly string[],
  stdout: string,
): { unit: string; block: string; enabled: string | undefined }[] {
  const section = (name: string): string | undefined =>
    new RegExp(`^@${name}\\n([^@]*)`, 'm').exec(stdout)?.[1]?.trimEnd()
  const settled = settling.split(' ').filter(Boolean)
  const last = section('settled')?.split('\n\n')
  const enabled = section('enabled')?.split('\n')
  return (section('now')?.split('\n\n') ?? []).map((block, i) => {
    const unit = units[i] ?? ''
    const at = settled.indexOf(unit)
    return { unit, block: last?.[at] ?? block, enabled: enabled?.[at] }
  })
}
