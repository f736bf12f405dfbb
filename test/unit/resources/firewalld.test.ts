import { expect, test } from 'vitest'
import { firewalld, type Openings, parseFirewalld } from '../../../src/resources/firewalld.js'
import { applyNow } from '../../support/apply-now.js'
import { shimmedHost } from '../../support/shimmed-host.js'

/**
 * firewall-cmd with a file for each of "CONFIGURATION ZONE WHAT", as it prints them: eth0 is in zone internal, others in
 * none. Runtime has ssh's port alone, permanent nothing.
 */
const shim = `
echo "$*" >>"$SHIMS/log"
when=runtime zone=public
for a in "$@"; do
  case $a in
  -q) ;;
  --permanent) when=permanent ;;
  --zone=*) zone=\${a#--zone=} ;;
  --get-zone-of-interface=eth0) echo internal; exit 0 ;;
  --get-zone-of-interface=*) echo 'no zone' >&2; exit 2 ;;
  --get-default-zone) echo public; exit 0 ;;
  --list-*) f="$SHIMS/$when.$zone.\${a#--list-}"; [ ! -e "$f" ] || xargs <"$f"; exit 0 ;;
  --add-*) a=\${a#--add-}; echo "\${a#*=}" >>"$SHIMS/$when.$zone.\${a%%=*}s" ;;
  esac
done`

const wish: Openings = {
  ports: ['6443/tcp', '2379-2380/tcp'],
  protocols: ['vrrp'],
  trusted: ['10.244.0.0/16'],
}

async function opened(interfaceName: string, firewallCmd = shim) {
  const host = shimmedHost('cp1', { 'firewall-cmd': firewallCmd })
  try {
    const step = firewalld(host, interfaceName, wish)
    const changes = await applyNow(step)
    const log = await host.read({ script: 'cat "$SHIMS/log"' })
    return {
      said: changes.map(({ summary }) => summary),
      left: step.diff(await step.probe()),
      log: log.stdout.toString(),
    }
  } finally {
    host.remove()
  }
}

test('ports are opened now and for good, in the zone of the interface, without a reload', async () => {
  const { said, left, log } = await opened('eth0')
  expect(said).toEqual([
    'open 6443/tcp, 2379-2380/tcp, vrrp in zone internal of firewalld',
    'allow all traffic from 10.244.0.0/16 (zone trusted of firewalld)',
  ])
  expect(left).toEqual([])
  expect(log).toContain(
    '-q --permanent --zone=internal --add-port=6443/tcp\n-q --zone=internal --add-port=6443/tcp\n',
  )
  expect(log).toContain('-q --zone=trusted --add-source=10.244.0.0/16\n')
  expect(log).not.toContain('reload')
})

test('an interface without a zone is in the default one', async () => {
  expect((await opened('eth1')).said[0]).toContain('in zone public of firewalld')
})

test('what is open in one configuration alone is not open, and ranges hold what is in them', async () => {
  const host = shimmedHost('cp1', {})
  const step = firewalld(host, 'eth0', wish)
  const all = { ports: ['2000-7000/tcp'], protocols: ['vrrp', 'esp'], trusted: ['10.244.0.0/16'] }
  expect(step.diff({ zone: 'public', runtime: all, permanent: all })).toEqual([])
  const none = { ports: ['6443/udp'], protocols: [], trusted: [] }
  expect(step.diff({ zone: 'public', runtime: all, permanent: none })).toHaveLength(2)
  expect(step.diff({ zone: 'public', runtime: none, permanent: all })).toHaveLength(2)
  host.remove()
})

test('a firewalld that does not answer is not one without openings', async () => {
  await expect(opened('eth0', 'echo "FirewallD is not running" >&2; exit 252')).rejects.toThrow(
    'could not check what firewalld allows',
  )
  expect(parseFirewalld('zone public\n--runtime ports 22/tcp\n')).toBeUndefined()
})
