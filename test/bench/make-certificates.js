// Makes what `kubeadm init phase certs all` makes, by the product's own code, for the first host of an
// inventory: node make-certificates.js DIRECTORY INVENTORY
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { known } from '../../dist/catalog.js'
import { authorityFiles } from '../../dist/cluster/pki/paths.js'
import { loadInventory } from '../../dist/inventory/load.js'
import { releaseFor } from '../../dist/kubernetes/releases/index.js'
import { createAuthorities } from '../../dist/pki/authorities.js'
import { certificateTree } from '../../dist/pki/certificates.js'
import { issue } from '../../dist/pki/issue.js'

const [, , directory, inventory] = process.argv
const options = { now: new Date(), random: randomBytes }
const spec = await loadInventory(inventory, homedir(), known)
const release = releaseFor(spec.version)

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
  ...Object.entries(authorityFiles).map(([name, base]) => write(base, authorities[name].signer)),
  ...certificateTree(spec, spec.hosts[0], release).map(async (one) =>
    write(one.file, await issue(one, authorities[one.signer].signer, options)),
  ),
])
