import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startLab, upChanged } from '../support/e2e-cluster.js'
import { answerOf, cp1, directory, inventory, kubestrap, on, w1, w2, whyNot } from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'

// Every secret of a healthy lab, looked for in the archive of support-bundle:
//   npx vitest run --project long support-bundle
const reason = whyNot()
const password = 'Tr0ub4dor-and-3'
const encryptionKey = 'c2VjcmV0IGlzIHNlY3VyZSBhbmQgMzIgYnl0ZXMgb2s='

/** Prints what is secret on a machine, one a line: PEM bodies of private keys, also as kubeconfigs have them. */
const secretsScript = `
{ find /etc/kubernetes /var/lib/kubelet/pki /root/.kube -type f 2>/dev/null; } | while IFS= read -r f; do
  sed -n '/BEGIN .*PRIVATE KEY/,/END .*PRIVATE KEY/p' "$f" | grep -v -e '-----'
  sed -n 's/^ *client-key-data: *//p; s/^ *token: *//p' "$f"
done
export KUBECONFIG=/etc/kubernetes/admin.conf
[ ! -f $KUBECONFIG ] || kubectl -n kube-system get secrets -o jsonpath='{range .items[*]}{.data.token-secret}{"\\n"}{.data.token}{"\\n"}{end}' | while IFS= read -r s; do
  [ -z "$s" ] || { echo "$s"; printf %s "$s" | base64 -d; echo; }
done
`

describe.skipIf(reason !== undefined)(`support-bundle${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let file = ''
  beforeAll(async () => {
    mkdirSync(directory, { recursive: true })
    writeFileSync(join(directory, 'password'), `${password}\n`)
    file = inventory(
      'support-bundle',
      (text) =>
        text.replace(
          'runtime: docker\n',
          `runtime: containerd
registries:
  registry.example: { mirrors: ["https://mirror.example"], auth: { username: robot, password: "file:${join(directory, 'password')}" } }
`,
        ),
      { bare: true },
    )
    await startLab(file)
    await upChanged(file, '--no-verify')
    await on(
      cp1,
      `printf 'kind: EncryptionConfiguration\\n# %s\\n' '${encryptionKey}' >/etc/kubernetes/encryption.yaml`,
    )
  })
  afterAll(() => kubestrap('lab', 'down', '-i', file))

  test('holds no secret of any host, of the cluster or of the inventory', async () => {
    const made = await kubestrap('token', 'create', '-i', file)
    const [, token = 'none'] = /--token ([a-z0-9.]+)/.exec(made.stdout) ?? []
    expect(token).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/)
    // what a careless program says
    await on(w1, `logger -t kubelet "joining with ${token}"`)
    const told = await Promise.all([cp1, w1, w2].map((machine) => answerOf(machine, secretsScript)))
    const secrets = new Set([
      ...told.flatMap(({ stdout }) => stdout.split('\n')).filter((line) => line.length >= 16),
      token.split('.')[1] ?? '',
      password,
      Buffer.from(`robot:${password}`).toString('base64'),
      encryptionKey,
    ])
    expect(secrets.size).toBeGreaterThan(200)

    const began = Date.now()
    const archive = join(directory, 'support.tar.gz')
    rmSync(archive, { force: true })
    const ran = await kubestrap('support-bundle', '-i', file, '-o', archive)
    expectCode(ran, 0)
    const seconds = (Date.now() - began) / 1000
    const unpacked = mkdtempSync(join(tmpdir(), 'support-'))
    execFileSync('tar', ['xzf', archive, '-C', unpacked])
    writeFileSync(`${unpacked}.secrets`, [...secrets].join('\n'))
    const grep = ['-c', `grep -rhoFf "$1.secrets" "$1" | sort | uniq -c | sort -rn | head`, 'sh', unpacked]
    const leaked = execFileSync('sh', grep).toString()
    const files = execFileSync('find', [unpacked, '-type', 'f']).toString().trim().split('\n').length
    for (const path of [unpacked, `${unpacked}.secrets`]) rmSync(path, { recursive: true })
    process.stderr.write(
      `support-bundle: ${files} files, ${statSync(archive).size} bytes, ${seconds.toFixed(1)} s; ${secrets.size} secrets looked for\n`,
    )
    expect(leaked).toBe('')
  })
})
