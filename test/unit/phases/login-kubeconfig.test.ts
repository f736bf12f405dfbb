import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { loginKubeconfig, probeOfUser, writeOfUser } from '../../../src/phases/login-kubeconfig.js'
import { parseLedger } from '../../../src/resources/ledger.js'
import { filesScript } from '../../../src/steps/reset/files-script.js'
import { contextOf, machine } from '../../support/context.js'
import { type LedgerSandbox, ledgerSandbox, put } from '../../support/ledger-sandbox.js'
import { clusterSpec, sshSpec } from '../../support/spec.js'

const anna = 65534
const conf = 'certificate-authority-data: Q0E=\nkey: 2\n'

describe('the administrator of the cluster', () => {
  const plane = machine({ ssh: sshSpec({ user: 'anna' }) })
  const users = (loginUser: boolean): string[] => {
    const spec = clusterSpec({ hosts: [plane.spec], kubeconfig: { loginUser } })
    return loginKubeconfig.steps(contextOf([plane], { spec })).map(({ id }) => id)
  }

  test('is root alone, unless the inventory asks for the login user too', () => {
    expect(users(false)).toEqual(['login-kubeconfig:root'])
    expect(users(true)).toEqual(['login-kubeconfig:root', 'login-kubeconfig:anna'])
  })
})

describe.skipIf(process.getuid?.() !== 0)("a login user's directory", () => {
  let box: LedgerSandbox
  let home = ''
  let admin = ''

  beforeEach(() => {
    box = ledgerSandbox()
    // only root reads the sandbox until now
    chmodSync(dirname(box.root), 0o755)
    const getent = `${dirname(box.root)}/bin/getent`
    home = `${box.root}/home/nobody`
    put(getent, `#!/bin/sh\necho root:x:0:0::/root:/bin/sh\necho nobody:x:${anna}:${anna}::${home}:/bin/sh\n`)
    chmodSync(getent, 0o755)
    mkdirSync(home, { recursive: true })
    chownSync(home, anna, anna)
    admin = `${box.root}/etc/admin.conf`
    put(admin, conf)
    chmodSync(admin, 0o600)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    box.remove()
  })

  const asAnna = (...words: string[]): void => {
    const ran = spawnSync('setpriv', [`--reuid=${anna}`, '--clear-groups', ...words], { cwd: home })
    if (ran.status !== 0) throw new Error(String(ran.stderr))
  }
  const probe = (): string => box.run(probeOfUser, [admin, 'nobody']).trim()
  const write = (): string => box.run(writeOfUser, [admin, 'nobody'])
  const reset = (doing: 'look' | 'do'): string => {
    const args = parseLedger(box.ledger()).flatMap(({ kind, subject, detail }) => {
      if (kind === 'file') return [detail, subject]
      return kind === 'tree' || kind === 'directory' ? [kind, subject] : []
    })
    return box.run(filesScript, [doing, ...args]).replaceAll(box.root, '')
  }
  const config = (): string => `${home}/.kube/config`

  test('gets the file as its owner, once, and reset takes it away', () => {
    expect(probe()).toBe('absent')
    write()
    expect(readFileSync(config(), 'utf8')).toBe(conf)
    expect(statSync(config())).toMatchObject({ uid: anna, mode: 0o100600 })
    expect(statSync(dirname(config()))).toMatchObject({ uid: anna, mode: 0o40700 })
    expect(probe()).toBe('same')
    expect(reset('look')).toBe('remove /home/nobody/.kube/config\n')
    reset('do')
    expect(existsSync(`${home}/.kube`)).toBe(false)
    expect(reset('look')).toBe('')
  })

  test('that has one of another cluster keeps it, an older one of this is renewed and given back by reset', () => {
    asAnna('mkdir', '.kube')
    put(config(), 'certificate-authority-data: T1RIRVI=\n')
    expect(probe()).toBe('other')
    put(config(), conf.replace('2', '1'))
    chownSync(config(), anna, anna)
    expect(probe()).toBe('stale')
    write()
    expect(readFileSync(config(), 'utf8')).toBe(conf)
    expect(reset('look')).toBe('restore /home/nobody/.kube/config\n')
    reset('do')
    expect(readFileSync(config(), 'utf8')).toBe(conf.replace('2', '1'))
    expect(statSync(config()).uid).toBe(anna)
  })

  test('that has one of a CA which is being rotated is renewed, one of several clusters is left alone', () => {
    const pem = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`
    const of = (...cas: string[]) =>
      `certificate-authority-data: ${Buffer.from(cas.map(pem).join('')).toString('base64')}\n`
    const found = (own: string): string => {
      put(config(), own)
      return probe()
    }
    put(admin, of('b2xk', 'bmV3'))
    expect(found(of('b2xk'))).toBe('stale')
    expect(found(of('bmV3', 'b2xk'))).toBe('stale')
    expect(found(of('b3RoZXI='))).toBe('other')
    expect(found(of('b2xk') + of('b3RoZXI='))).toBe('other')
  })

  test.each([
    ['of a directory of root', '.kube', () => `${box.root}/etc`],
    ['in the place of the file', '.kube/config', () => `${box.root}/etc/shadow`],
  ])('with a link %s is not written through, nor does its target change', (_, name, to) => {
    put(`${box.root}/etc/shadow`, 'secret')
    put(`${box.root}/etc/config`, 'of root')
    if (name !== '.kube') asAnna('mkdir', '.kube')
    asAnna('ln', '-s', to(), name)
    const before = statSync(`${box.root}/etc`)
    expect(probe()).toBe('link')
    expect(write).toThrowError('is a link, and kubestrap writes through none')
    expect(readFileSync(`${box.root}/etc/shadow`, 'utf8')).toBe('secret')
    expect(readFileSync(`${box.root}/etc/config`, 'utf8')).toBe('of root')
    expect(statSync(`${box.root}/etc`).uid).toBe(before.uid)
    // what root could read there is not kept, and so never given to the user
    expect(box.before(config())).toBeUndefined()
  })

  test('whose temporary file is a link leads nowhere', () => {
    put(`${box.root}/etc/shadow`, 'secret')
    asAnna('mkdir', '.kube')
    asAnna('ln', '-s', `${box.root}/etc/shadow`, '.kube/.config.kubestrap')
    write()
    expect(readFileSync(`${box.root}/etc/shadow`, 'utf8')).toBe('secret')
    expect(readFileSync(config(), 'utf8')).toBe(conf)
  })

  test('that became a link since is left by reset, and what the link leads to stays', () => {
    write()
    rmSync(`${home}/.kube`, { recursive: true })
    put(`${box.root}/etc/config`, 'of root')
    asAnna('ln', '-s', `${box.root}/etc`, '.kube')
    expect(reset('look')).toBe('')
    expect(reset('do')).toContain(
      'left /home/nobody/.kube/config: /home/nobody/.kube on the way to it is a link',
    )
    expect(readFileSync(`${box.root}/etc/config`, 'utf8')).toBe('of root')
    expect(existsSync(admin)).toBe(true)
  })

  test('is reset as its owner with the ledger of version 0.1.0, copies of links included', () => {
    write()
    writeFileSync(`${dirname(box.root)}/state/ledger`, `file\t${config()}\treplaced\n`)
    mkdirSync(dirname(`${dirname(box.root)}/state/before${config()}`), { recursive: true })
    symlinkSync(`${box.root}/etc/shadow`, `${dirname(box.root)}/state/before${config()}`)
    put(`${box.root}/etc/shadow`, 'secret')
    reset('do')
    expect(existsSync(config())).toBe(false)
    expect(readFileSync(`${box.root}/etc/shadow`, 'utf8')).toBe('secret')
  })

  // programs of a machine that has fewer
  test.each([['setpriv'], ['runuser'], ['su']])(
    'is written where only %s is there to act as its owner',
    (only) => {
      const few = `${dirname(box.root)}/few`
      mkdirSync(few)
      for (const name of [
        'sh',
        'cat',
        'cp',
        'cut',
        'grep',
        'head',
        'id',
        'mkdir',
        'mv',
        'od',
        'rm',
        'sed',
        'sync',
        'tail',
        'tr',
        only,
      ])
        for (const place of ['/usr/bin', '/usr/sbin', '/bin', '/sbin'])
          if (existsSync(`${place}/${name}`) && !existsSync(`${few}/${name}`))
            symlinkSync(`${place}/${name}`, `${few}/${name}`)
      vi.stubEnv('PATH', few)
      write()
      vi.unstubAllEnvs()
      expect(readFileSync(config(), 'utf8')).toBe(conf)
      expect(statSync(config()).uid).toBe(anna)
    },
  )
})
