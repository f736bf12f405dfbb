import { execFileSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'

/** A user of this machine who goes when the tests do. */
export interface LoginUser {
  name: string
  home: string
  password: string
  /** sudoers lines for this user; none: no sudo at all. */
  sudoers(...lines: string[]): void
  /** A file in the home directory. */
  write(name: string, text: string): void
  remove(): void
}

/** Why users cannot be made here; undefined when they can. */
export function noUsers(): string | undefined {
  return process.getuid?.() === 0 ? undefined : 'only root makes users'
}

/** Installs Debian packages that are not there. Throws when it cannot. */
export function need(...packages: [name: string, program: string][]): void {
  const missing = packages.filter(([, program]) => !existsSync(program)).map(([name]) => name)
  if (missing.length === 0) return
  const apt = (...args: string[]): void => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    execFileSync('apt-get', ['-q', ...args], { stdio: 'pipe', env })
  }
  // a fresh machine has no lists of packages, an old one lists of what is gone
  apt('update')
  apt('install', '-y', '--no-install-recommends', ...missing)
}

/** @param shell the login shell's path */
export function makeLoginUser(name: string, shell = '/bin/bash'): LoginUser {
  const password = `pass word of ${name}`
  const home = `/home/${name}`
  const sudoers = `/etc/sudoers.d/${name}`
  const remove = (): void => {
    rmSync(sudoers, { force: true })
    try {
      execFileSync('userdel', ['-r', '-f', name], { stdio: 'pipe' })
    } catch {
      // it was not there
    }
  }
  remove()
  execFileSync('useradd', ['-m', '-s', shell, name], { stdio: 'pipe' })
  execFileSync('chpasswd', { input: `${name}:${password}\n` })
  return {
    name,
    home,
    password,
    sudoers: (...lines) => {
      rmSync(sudoers, { force: true })
      if (lines.length > 0) writeFileSync(sudoers, `${lines.join('\n')}\n`, { mode: 0o440 })
    },
    write: (file, text) => writeFileSync(`${home}/${file}`, text),
    remove,
  }
}
