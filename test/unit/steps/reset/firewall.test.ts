import { expect, test } from 'vitest'
import { parseLedgerLine } from '../../../../src/resources/ledger-line.js'
import { filesScript } from '../../../../src/steps/reset/files-script.js'
import { shimmedHost } from '../../../support/shimmed-host.js'

const entry = 'public port 6443/tcp'
/** firewalld in which the port is open in the permanent configuration until it is removed. */
const shims = (active: boolean) => ({
  systemctl: `case $1 in is-active) exit ${active ? 0 : 3} ;; esac`,
  'firewall-cmd': `echo "$*" >>"$SHIMS/log"
case "$*" in
*--query-port=6443/tcp) [ ! -e "$SHIMS/gone" ] ;;
*--permanent*--remove-port=6443/tcp) : >"$SHIMS/gone" ;;
esac`,
})

async function run(active: boolean) {
  const host = shimmedHost('cp1', shims(active))
  const script = (doing: string) => host.read({ script: filesScript, args: [doing, 'firewall', entry] })
  try {
    const look = (await script('look')).stdout.toString()
    const { code } = await script('do')
    const again = (await script('look')).stdout.toString()
    const log = (await host.read({ script: 'cat "$SHIMS/log" 2>/dev/null' })).stdout.toString()
    return { look, code, again, log }
  } finally {
    host.remove()
  }
}

test('reset closes what was opened in firewalld, now and for good', async () => {
  const { look, code, again, log } = await run(true)
  expect(look).toBe(`firewall ${entry}\n`)
  expect([code, again]).toEqual([0, ''])
  expect(log).toContain('--remove-port=6443/tcp\n-q --zone=public --remove-port=6443/tcp')
})

test('and nothing where firewalld is not active', async () => {
  expect(await run(false)).toEqual({ look: '', code: 0, again: '', log: '' })
})

test('the ledger knows what was opened by its zone', () => {
  const line = `2\tfirewall\t%${Buffer.from(entry).toString('hex').match(/../g)?.join('%')}\t`
  expect(parseLedgerLine(line)).toEqual({ kind: 'firewall', subject: entry, detail: '' })
  const bad = `2\tfirewall\t%${Buffer.from('public port; rm').toString('hex').match(/../g)?.join('%')}\t`
  expect(() => parseLedgerLine(bad)).toThrow('not a name of one')
})
