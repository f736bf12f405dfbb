import type { Change, Need, Step } from '../engine/step.js'
import type { Host } from '../host/host.js'
import { UserError } from '../lib/errors.js'
import { lookForSwap, turnSwapOff } from './swap-script.js'

interface SwapState {
  active: readonly string[]
  /** Units of type swap that the next boot would start; entries of fstab are edited apart. */
  units: readonly string[]
  /** Services that make swap by themselves at boot. */
  services: readonly string[]
  /** The configuration by which zram-generator would make a compressed swap at boot. */
  zram: readonly string[]
}

/**
 * No swap, now and after a reboot: what the next boot would do is asked of systemd's own generators and unit files,
 * besides services that make swap themselves.
 * The kubelet refuses to start with swap on unless told otherwise (kubeadm preflight "Swap").
 */
export function swapOff(host: Host, needs?: readonly Need[]): Step<SwapState> {
  return {
    id: 'swap-off',
    title: 'swap off',
    target: host.name,
    ...(needs ? { needs } : {}),
    probe: async () => {
      const answer = await host.read({ what: 'look for swap', script: lookForSwap, timeoutMs: 30_000 })
      const text = answer.stdout.toString()
      if (answer.code !== 0 || !text.endsWith('@end\n'))
        throw new UserError('step', 'could not check for swap', { host: host.name, why: answer.stderr })
      const part = (name: string): string[] =>
        (text.split(`@${name}\n`)[1] ?? '').split(/^@/m)[0]?.split('\n').filter(Boolean) ?? []
      return { active: part('active'), units: part('units'), services: part('services'), zram: part('zram') }
    },
    diff: (state): Change[] => [
      ...state.active.map((name): Change => ({ kind: 'stop', summary: `swapoff ${name}` })),
      ...state.units.map((name): Change => ({ kind: 'disable', summary: `mask ${name}` })),
      ...state.services.map((name): Change => ({ kind: 'disable', summary: `no swap by ${name}` })),
      ...state.zram.map(
        (name): Change => ({ kind: 'disable', summary: `disable zram swap at boot (${name})` }),
      ),
    ],
    apply: async () => {
      await host.mutate({ what: 'turn swap off', script: turnSwapOff, timeoutMs: 120_000 })
    },
  }
}

/** /etc/fstab with its swap entries commented out. Pure and idempotent. */
export function fstabWithoutSwap(text: string): string {
  return text.replace(
    /^(?![^\S\n]*#)([^\S\n]*\S+[^\S\n]+\S+[^\S\n]+swap(?:[^\S\n].*)?)$/gm,
    '# disabled by kubestrap: $1',
  )
}

/** /etc/fstab with the swap entries back that kubestrap had commented out. */
export function fstabWithSwap(text: string): string {
  return text.replace(/^# disabled by kubestrap: /gm, '')
}
