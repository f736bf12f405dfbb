const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Milliseconds of a duration as Go and kubeadm write it ("24h0m0s", "90m"), and days ("7d").
 * Undefined for anything else, and for nothing at all ("0s").
 */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d+[smhd])+$/.test(text)) return undefined
  const parts = [...text.matchAll(/(\d+)([smhd])/g)]
  const ms = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0), 0)
  return ms > 0 && Number.isSafeInteger(ms) ? ms : undefined
}

/** "3d 4h", "5h 10m", "12m", "40s": the two largest parts; "0s" for what is over. */
export function roughly(ms: number): string {
  let rest = Math.max(0, Math.floor(ms / 1000)) * 1000
  const parts: string[] = []
  for (const unit of ['d', 'h', 'm', 's']) {
    const size = units[unit] ?? 1
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0 || (unit === 's' && parts.length === 0)) parts.push(`${count}${unit}`)
    else if (parts.length > 0) break
    if (parts.length === 2) break
  }
  return parts.join(' ')
}
