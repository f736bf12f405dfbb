import { directory, run } from './e2e-lab.js'

/**
 * What a lab may leave behind on this machine, as the kernel tells it, by kind.
 * @param of links, mounts, tables, groups and processes that hold one of these words: a lab's own; all when absent
 */
export async function traces(of?: readonly string[]): Promise<Record<string, string>> {
  const own = of === undefined ? '.' : of.join('|')
  const lines = `grep -E '${own}' | sort | tr '\\n' ' '`
  const script = `
echo "links	$(ip -o link | awk '{print $2}' | ${lines})"
echo "mounts	$(awk '{print $2}' /proc/self/mounts | ${lines})"
echo "tables	$(nft list tables | ${lines})"
echo "forwarding	$(nft list chain ip filter FORWARD 2>/dev/null | ${lines})"
echo "cgroups	$(find /sys/fs/cgroup -maxdepth 2 -name 'lab-*' | ${lines})"
echo "processes	$(pgrep -fc 'systemd-nspaw[n].*${directory}/')"
`
  const whole = `
echo "netfilter	$(nft list ruleset | cksum)"
echo "forward	$(cat /proc/sys/net/ipv4/ip_forward)"
echo "inotify	$(cat /proc/sys/fs/inotify/max_user_instances)"
echo "netns	$(lsns -t net -n -o NS 2>/dev/null | wc -l)"
`
  const ran = await run('sh', ['-c', of === undefined ? script + whole : script])
  return Object.fromEntries(
    ran.stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split('\t') as [string, string]),
  )
}

/** nft is one of the packages a lab installs; without it there is no before to compare with. */
export async function haveNft(): Promise<void> {
  await run('sh', [
    '-c',
    'command -v nft >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends nftables',
  ])
}
