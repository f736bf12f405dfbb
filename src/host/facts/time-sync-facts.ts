import type { TimeSyncFacts } from './facts.js'

/** Names that drivers of the kernel give clocks of a hypervisor: ptp_kvm, hv_utils, ptp_vmw, virtio_rtc. */
const ofHypervisors = /^(KVM virtual PTP|hyperv|ptp_vmw|Virtio PTP)/

/**
 * What keeps the clock, of the sections about it. Pure.
 * @param units blocks of `systemctl show`, in any order, and "end" when it answered
 * @param synchronized "NTPSynchronized=yes"
 */
export function timeSyncFacts(
  units: readonly string[],
  synchronized: string,
  clocks: readonly string[],
): TimeSyncFacts {
  const value = /^NTPSynchronized=(yes|no)$/.exec(synchronized)?.[1]
  return {
    units: units.at(-1) === 'end' ? unitsOf(units) : 'unknown',
    synchronized: value === undefined ? 'unknown' : value === 'yes',
    hypervisorClocks: clocks.filter((name) => ofHypervisors.test(name)),
  }
}

/** A block a unit; an alias is told by its unit's own Id, so that one may stand there twice. */
function unitsOf(lines: readonly string[]): { unit: string; active: boolean; masked: boolean }[] {
  const found = new Map<string, { unit: string; active: boolean; masked: boolean }>()
  let block = new Map<string, string>()
  const end = (): void => {
    const unit = block.get('Id')
    const load = block.get('LoadState')
    const active = block.get('ActiveState')
    if (unit && load !== 'not-found')
      found.set(unit, {
        unit,
        active: active === 'active' || active === 'activating' || active === 'reloading',
        masked: load === 'masked',
      })
    block = new Map()
  }
  for (const line of lines) {
    const at = line.indexOf('=')
    const [key, value] = at < 0 ? ['', ''] : [line.slice(0, at), line.slice(at + 1)]
    if (key === '' || block.has(key)) end()
    if (key !== '') block.set(key, value)
  }
  return [...found.values()]
}
