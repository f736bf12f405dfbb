import { describe, expect, it } from 'vitest'
import { knownHostsIndex } from '../../../../src/host/ssh/known-hosts-index.js'

const line = (names: string, key = 'AAAA'): string => `${names} ssh-ed25519 ${key}\n`
const fleet = Array.from({ length: 500 }, (_, i) => line(`10.0.${i >> 8}.${i & 255}`)).join('')

describe('an index of known_hosts', () => {
  it('gives each of hundreds of hosts its own entries, and no others to be compared', () => {
    const index = knownHostsIndex('fleet', fleet)
    const about = Array.from({ length: 500 }, (_, i) => index.about(`10.0.${i >> 8}.${i & 255}`))
    expect(about.every(({ length }) => length === 1)).toBe(true)
    expect(about[300]?.[0]).toMatchObject({ names: '10.0.1.44', at: 'fleet:301' })
  })

  it('is made once of a file that stays as it is, and reads only what is appended', () => {
    const index = knownHostsIndex('grows', fleet)
    const [first] = index.about('10.0.0.0')
    expect(knownHostsIndex('grows', fleet)).toBe(index)
    expect(knownHostsIndex('grows', `${fleet}${line('10.0.0.0', 'BBBB')}`)).toBe(index)
    const [again, appended] = index.about('10.0.0.0')
    expect(again).toBe(first)
    expect(appended?.at).toBe('grows:501')
  })

  it('is made anew of a file that was changed, or whose last line was not whole', () => {
    const before = knownHostsIndex('changed', line('a', 'AAAA'))
    const after = knownHostsIndex('changed', line('a', 'BBBB'))
    expect(after).not.toBe(before)
    expect(after.about('a').map(({ key }) => key.toString('base64'))).toEqual(['BBBB'])
    expect(knownHostsIndex('cut', 'a ssh-ed25519 AA').about('a')).toHaveLength(1)
    const whole = knownHostsIndex('cut', 'a ssh-ed25519 AAAA\n').about('a')
    expect(whole.map(({ key }) => key.toString('base64'))).toEqual(['AAAA'])
  })

  it('has what may speak of any host for each of them, in the order of the file', () => {
    const text = `${line('*.lab,!b.lab')}${line('B.lab,10.0.0.1')}${line('|1|c2FsdA==|aGFzaA==')}${line('[b.lab]:2222')}@revoked ${line('b.lab')}`
    const index = knownHostsIndex('mixed', text)
    const at = (name: string): string[] => index.about(name).map((entry) => entry.at.replace('mixed:', ''))
    expect(at('b.lab')).toEqual(['1', '2', '3', '5'])
    expect(at('[b.lab]:2222')).toEqual(['1', '2', '3', '4', '5'])
    expect(at('10.0.0.1')).toEqual(['1', '2', '3'])
    expect(at('other')).toEqual(['1', '3'])
  })
})
