/** What the first two digits of a code stand for. */
export const areas: Readonly<Record<string, string>> = {
  '01': 'host',
  '02': 'packages and container runtime',
  '03': 'images',
  '04': 'kubelet and static Pods',
  '05': 'etcd',
  '06': 'API server and certificates',
  '07': 'network and DNS',
  '08': 'join',
}

/** The area of a code: "KS0403" → "kubelet and static Pods". */
export function areaOf(code: string): string {
  return areas[code.slice(2, 4)] ?? 'other'
}
