import { afterEach, describe, expect, it } from 'vitest'
import { sshConnection } from '../../src/host/ssh/ssh-connection.js'
import { asIs, testOperator } from '../support/operator.js'
import { makeSshFiles, type SshFiles, sshHostSpec } from '../support/ssh-files.js'
import type { SshServer } from '../support/ssh-server.js'
import { noSshd, startSshd } from '../support/sshd.js'

describe.skipIf(noSshd())('a real sshd that offers only what kubestrap does not know', () => {
  let files: SshFiles
  let server: SshServer
  afterEach(async () => {
    await server.stop()
    files.remove()
  })

  it.each([
    [
      'key exchange method',
      ['KexAlgorithms sntrup761x25519-sha512@openssh.com'],
      'sntrup761',
      'KexAlgorithms +curve25519-sha256',
    ],
    ['MAC', ['Ciphers aes256-ctr', 'MACs umac-128-etm@openssh.com'], 'umac-128', 'MACs +hmac-sha2-256'],
  ])(
    'the error names the %s, what either side has, and the line that helps',
    async (what, lines, theirs, next) => {
      files = makeSshFiles()
      server = await startSshd(files, lines)
      const spec = sshHostSpec(files, server.port)
      const connection = sshConnection(spec, { become: asIs, operator: testOperator() })
      const attempt = connection.run({ script: 'true', timeoutMs: 10_000 })
      await expect(attempt).rejects.toMatchObject({
        kind: 'connection',
        host: 'cp1',
        message: expect.stringContaining(`no ${what} in common`),
        why: expect.stringContaining(`the server offers: ${theirs}`),
        next: expect.stringContaining(next),
      })
      await connection.close()
    },
  )
})
