// Makes what `kubeadm init phase certs all` makes, by the product's own code: node make-certificates.js DIRECTORY
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { releaseFor } from '../../dist/kubernetes/releases/index.js'
import { authorityFiles } from '../../dist/phases/pki/paths.js'
import { createAuthorities } from '../../dist/pki/authorities.js'
import { certificateTree } from '../../dist/pki/certificates.js'
import { issue } from '../../dist/pki/issue.js'

const [, , directory] = process.argv
const options = { now: new Date(), random: randomBytes }
const release = releaseFor('1.20.2')
// what of an inventory certificates depend on
const spec = {
  endpoint: { host: 'api.lab.internal' },
  networking: { dnsDomain: 'cluster.local', serviceSubnet: '10.96.0.0/12' },
  apiServer: { certSANs: [] },
  etcd: { external: undefined },
}
const host = { name: 'cp1', address: '10.87.0.11' }

const write = (base, { certificate, key }) =>
  Promise.all([
    writeFile(join(directory, `${base}.crt`), certificate),
    writeFile(join(directory, `${base}.key`), key.reveal(), { mode: 0o600 }),
  ])

await mkdir(join(directory, 'etcd'))
const authorities = await createAuthorities({
  ...options,
  etcd: true,
  dnsName: release.certificates.authorityDnsName,
})
const { serviceAccount } = authorities
await Promise.all([
  writeFile(join(directory, 'sa.pub'), serviceAccount.publicKey, { mode: 0o600 }),
  writeFile(join(directory, 'sa.key'), serviceAccount.key.reveal(), { mode: 0o600 }),
  ...Object.entries(authorityFiles).map(([name, base]) => write(base, authorities[name])),
  ...certificateTree(spec, host, release).map(async (one) =>
    write(one.file, await issue(one, authorities[one.signer], options)),
  ),
])
