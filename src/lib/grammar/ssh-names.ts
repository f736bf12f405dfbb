import type { Grammar } from './grammar.js'

/**
 * OpenSSH's valid_hostname (ssh.c): such a name may stand in a ProxyCommand or in `Match exec`, which a shell reads,
 * and it is no option.
 */
export function isSshHost(text: string): boolean {
  return text !== '' && !text.startsWith('-') && !/['`"$\\;&<>|(){}\s\p{Cc}]/u.test(text)
}

/** OpenSSH's valid_ruser (ssh.c): likewise of a login user; blanks are allowed, also DOMAIN\user. */
export function isSshUser(text: string): boolean {
  return text !== '' && !text.startsWith('-') && !/['`";&<>|(){}\p{Cc}]|\s-|\\$/u.test(text)
}

export const sshHost: Grammar = {
  is: 'a name or address to dial',
  accepts: (text) => text.length <= 255 && isSshHost(text),
  write: 'a host name, an address or an alias of the SSH configuration, without the characters of a shell',
}

export const sshUser: Grammar = {
  is: 'a login name',
  accepts: (text) => text.length <= 255 && isSshUser(text),
  write: 'a user of the host, without the characters of a shell',
}
