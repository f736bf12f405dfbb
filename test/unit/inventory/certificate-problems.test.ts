import { expect, it } from 'vitest'
import { changed, decode, said } from './support.js'

const adding = (value: string): string =>
  changed('binaries:', `certificates: { renewBefore: ${value} }\nbinaries:`)

it.each([
  ['soon', '7:30: "soon" is not a duration → days or hours, such as 90d (the default)'],
  ['0d', '7:30: "0d" is not a duration → days or hours, such as 90d (the default)'],
  ['200d', "7:30: 200d is more than a third of a certificate's life, which is a year → at most 121d"],
])('certificates.renewBefore: %s is told with its place', (value, line) => {
  expect(said(adding(value))).toEqual([`i.yaml:${line}`])
})

it('certificates.renewBefore is milliseconds in the specification, 90 days when it is not said', () => {
  expect(decode(adding('720h')).certificates.renewBefore).toBe(30 * 86_400_000)
  expect(decode(changed('binaries:', 'binaries:')).certificates.renewBefore).toBe(90 * 86_400_000)
})
