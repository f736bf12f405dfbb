import { Secret } from '../lib/secret.js'

/** A token new nodes authenticate with; its written form is "id.secret". */
export interface BootstrapToken {
  /** Six characters, not secret. */
  id: string
  /** Sixteen characters. */
  secret: Secret
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'
/** Bytes from here on would make the alphabet's first letters likelier. */
const limit = 256 - (256 % alphabet.length)

/** A new token; every character is equally likely. */
export function newBootstrapToken(random: (bytes: number) => Buffer): BootstrapToken {
  return { id: word(6, random), secret: new Secret(word(16, random)) }
}

function word(length: number, random: (bytes: number) => Buffer): string {
  let out = ''
  while (out.length < length) {
    for (const byte of random(length - out.length)) {
      if (byte < limit) out += alphabet[byte % alphabet.length]
    }
  }
  return out
}
