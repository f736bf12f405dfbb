import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../../src/lib/errors.js'
import { withDaemonRegistries, withDaemonSettings } from '../../../src/runtimes/docker/daemon-json.js'
import type { Registry } from '../../../src/runtimes/registry.js'

const settings = { cgroupDriver: 'systemd' } as const
const edit = (text: string): string => withDaemonSettings(text, settings, 'cp1')
const parsed = (text: string): unknown => JSON.parse(edit(text))
const logs = { 'log-driver': 'json-file', 'log-opts': { 'max-size': '100m' } }

describe('withDaemonSettings', () => {
  it.each(['', ' \n', '{}'])('gives %j driver and bounded logs', (text) => {
    expect(parsed(text)).toEqual({ ...logs, 'exec-opts': ['native.cgroupdriver=systemd'] })
  })

  it('ends the file with a line feed', () => {
    expect(edit('')).toMatch(/\}\n$/)
  })

  it.each([
    ['another driver goes', ['native.cgroupdriver=cgroupfs'], ['native.cgroupdriver=systemd']],
    ['other options stay, in front', ['a=b'], ['a=b', 'native.cgroupdriver=systemd']],
    [
      'several drivers become one',
      ['native.cgroupdriver=cgroupfs', 'a=b', 'native.cgroupdriver=systemd'],
      ['a=b', 'native.cgroupdriver=systemd'],
    ],
  ])('exec-opts: %s', (_, before, after) => {
    expect(parsed(JSON.stringify({ 'exec-opts': before }))).toMatchObject({ 'exec-opts': after })
  })

  it('leaves the user’s own log settings as they are', () => {
    const own = { 'log-driver': 'local', 'log-opts': { 'max-file': '3' } }
    expect(parsed(JSON.stringify(own))).toMatchObject(own)
  })

  it('does not touch a text that says it all already, however it is laid out', () => {
    const text = `\n{"exec-opts":["native.cgroupdriver=systemd"],   "log-driver":"json-file",\t"log-opts":{}}`
    const once = edit(text)
    expect(edit(once)).toBe(once)
    expect(JSON.parse(once)).toEqual(JSON.parse(text))
  })

  it.each([
    ['half an object', '{"a":'],
    ['a list', '[]'],
    ['a number', '1'],
    ['null', 'null'],
    ['a comment', '// mine\n{}'],
  ])('refuses %s and names the file, the host and what to do', (_, text) => {
    expect(() => edit(text)).toThrow(UserError)
    expect(() => edit(text)).toThrow(
      expect.objectContaining({
        kind: 'step',
        host: 'cp1',
        message: expect.stringContaining('/etc/docker/daemon.json'),
        next: expect.any(String),
      }),
    )
  })

  it('keeps every setting it does not speak of, and changes nothing the second time', () => {
    const key = fc.string().filter((name) => name !== 'exec-opts')
    fc.assert(
      fc.property(fc.dictionary(key, fc.jsonValue()), (own) => {
        const text = JSON.stringify(own)
        const once = edit(text)
        expect(JSON.parse(once)).toMatchObject(JSON.parse(text))
        expect(edit(once)).toBe(once)
      }),
    )
  })

  describe('of registries', () => {
    const own = { ca: undefined, skipVerify: false, auth: undefined }
    const hub: Registry = {
      name: 'docker.io',
      fallback: true,
      own,
      mirrors: [
        { ...own, url: 'https://m.example' },
        { ...own, url: 'https://10.0.0.9:5000', skipVerify: true },
      ],
    }
    const edited = (before: object, registries: readonly Registry[]): unknown =>
      JSON.parse(withDaemonRegistries(JSON.stringify(before), registries, 'cp1'))

    it('has the mirrors of docker.io, and whose certificates are not looked at', () => {
      expect(edited({ 'insecure-registries': ['mine:5000'] }, [hub])).toMatchObject({
        'registry-mirrors': ['https://m.example/', 'https://10.0.0.9:5000/'],
        'insecure-registries': ['mine:5000', '10.0.0.9:5000'],
      })
    })

    it('keeps a user’s own until the inventory speaks of docker.io', () => {
      const theirs = { 'registry-mirrors': ['https://theirs/'] }
      const text = '{ "registry-mirrors": ["https://theirs/"]}'
      expect(withDaemonRegistries(text, [], 'cp1')).toBe(text)
      expect(edited(theirs, [])).toMatchObject(theirs)
      expect(edited(theirs, [{ ...hub, mirrors: [] }])).not.toHaveProperty('registry-mirrors')
    })
  })
})
