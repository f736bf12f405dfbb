type Flags = Readonly<Record<string, string>>

/** "--a=b" for each flag, sorted by name; `over` wins (kubeadm: BuildArgumentListFromMap). */
export function argumentList(base: Flags, over: Flags): string[] {
  const merged = { ...base, ...over }
  return Object.keys(merged)
    .sort()
    .map((name) => `--${name}=${merged[name]}`)
}
