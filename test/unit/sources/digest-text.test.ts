import { expect, it } from 'vitest'
import { digestIn } from '../../../src/sources/digest-text.js'

const [a, b] = ['a'.repeat(64), 'b'.repeat(64)]

it.each([
  ['a digest alone, as dl.k8s.io has it', a, a],
  ['with a line feed', `${a}\n`, a],
  ['in capitals', a.toUpperCase(), a],
  ['as sha256sum prints it', `${a}  runc.amd64\n`, a],
  ['of a binary file', `${a} *runc.amd64\r\n`, a],
  ['with a path', `${a}  ./release/runc.amd64\n`, a],
  ['in a list', `${b}  runc.arm64\n${a}  runc.amd64\n${b}  other-runc.amd64\n`, a],
  [
    'in a list that is signed',
    `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${b}  runc.arm64\n${a}  runc.amd64\n-----BEGIN PGP SIGNATURE-----\n`,
    a,
  ],
  ['of another file alone', `${a}  runc.arm64\n`, undefined],
  ['two of one name', `${a}  runc.amd64\n${b}  runc.amd64\n`, undefined],
  ['two without a name', `${a}\n${b}\n`, undefined],
  ['one too short', a.slice(1), undefined],
  ['one too long', `${a}0`, undefined],
  ['a page', '<html></html>', undefined],
  ['nothing', '', undefined],
])('%s', (_, text, digest) => {
  expect(digestIn(text, 'runc.amd64')).toBe(digest)
})
