import { execFileSync } from 'node:child_process'

/** `openssl x509 -text` of a PEM certificate as the captured files have it: no serial, dates, key, signature. */
export function certificateText(pem: string): string {
  const text = openssl(pem, ['-noout', '-text', '-certopt', 'no_serial,no_validity,no_pubkey,no_sigdump'])
  return normalise(text)
}

/** The line the captured kubeconfigs end with. */
export function clientCertificateLine(pem: string): string {
  const subject = openssl(pem, ['-noout', '-subject'])
  const usage = openssl(pem, ['-noout', '-ext', 'keyUsage,extendedKeyUsage'])
  return [subject, ...usage.split('\n')]
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' | ')
}

/**
 * Key identifiers differ by nature; that an authority's and its leafs' agree is tested in the unit
 * tests. OpenSSL 3.2 and later leave out the blanks around "=".
 */
export function normalise(text: string): string {
  const lines = text.split('\n').map((line) =>
    line
      .trimEnd()
      .replace(/\b([0-9A-F]{2}:){19}[0-9A-F]{2}\b/, '<key identifier>')
      .replace(/\b(CN|O) ?= ?/g, '$1 = '),
  )
  return lines.filter((line, index) => !isNoise(line, index) && line !== '').join('\n')
}

/** The signature algorithm is printed twice: in the signed part and beside the signature. */
const isNoise = (line: string, index: number): boolean => /^ {4}Signature Algorithm/.test(line) && index > 4

const printed = new Map<string, string>()

function openssl(pem: string, args: readonly string[]): string {
  const key = [...args, pem].join(' ')
  const text =
    printed.get(key) ?? execFileSync('openssl', ['x509', ...args], { input: pem, encoding: 'utf8' })
  printed.set(key, text)
  return text
}
