import type { Change, Step } from '../engine/step.js'
import type { Host } from '../host/host.js'
import { ledgerFunctions } from '../host/ledger-script.js'

interface SwapState {
  active: readonly string[]
  /** Active or startable units of type swap that systemd would bring back (fstab entries are edited apart). */
  units: readonly string[]
  /** zram-generator or zramswap would make a compressed swap at boot. */
  zram: readonly string[]
}

const probeScript = `
echo @active; tail -n +2 /proc/swaps | awk '{print $1}'
echo @units; systemctl list-unit-files --type=swap --no-legend --plain 2>/dev/null | awk '$2 != "masked" && $2 != "generated" && $2 != "transient" {print $1}'
echo @zram; systemctl list-unit-files --no-legend --plain 'zramswap.service' 'zram-config.service' 2>/dev/null | awk '$2 == "enabled" {print $1}'
# an empty file in /etc overrides the one in /usr/lib (zram-generator.conf(5))
for f in /etc/systemd/zram-generator.conf /usr/lib/systemd/zram-generator.conf; do
  [ -e "$f" ] || continue
  [ ! -s "$f" ] || echo "$f"
  break
done
exit 0
`

/**
 * No swap, now and after a reboot, wherever it would come from: /proc/swaps, swap units, zram.
 * The kubelet refuses to start with swap on unless told otherwise (kubeadm preflight "Swap").
 */
export function swapOff(host: Host): Step<SwapState> {
  return {
    id: 'swap-off',
    title: 'swap off',
    target: host.name,
    probe: async () => {
      const answer = await host.read({ what: 'look for swap', script: probeScript, timeoutMs: 15_000 })
      const part = (name: string): string[] =>
        (answer.stdout.toString().split(`@${name}\n`)[1] ?? '')
          .split(/^@/m)[0]
          ?.split('\n')
          .filter(Boolean) ?? []
      return { active: part('active'), units: part('units'), zram: part('zram') }
    },
    diff: (state): Change[] => [
      ...state.active.map((name): Change => ({ kind: 'stop', summary: `swapoff ${name}` })),
      ...state.units.map((name): Change => ({ kind: 'disable', summary: `mask ${name}` })),
      ...state.zram.map((name): Change => ({ kind: 'disable', summary: `no zram swap at boot (${name})` })),
    ],
    apply: async () => {
      await host.mutate({ what: 'turn swap off', script: applyScript, timeoutMs: 120_000 })
    },
  }
}

// An empty /etc/systemd/zram-generator.conf overrides the one in /usr/lib (zram-generator.conf(5)).
const applyScript = `${ledgerFunctions}
for u in $(systemctl list-unit-files --type=swap --no-legend --plain 2>/dev/null | awk '$2 != "masked" && $2 != "generated" && $2 != "transient" {print $1}'); do
  remember masked "$u" && remembered && systemctl mask --quiet -- "$u"
done
for u in zramswap.service zram-config.service; do
  systemctl is-enabled --quiet "$u" 2>/dev/null && remember disabled "$u" && remembered && systemctl disable --quiet --now "$u"
done
f=/etc/systemd/zram-generator.conf
if [ -s "$f" ] || { [ ! -e "$f" ] && [ -s /usr/lib/systemd/zram-generator.conf ]; }; then
  remember file "$f" && remembered && : >"$f"
fi
swapoff -a
`

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
