import { type Context, leaderOf } from '../cluster/context.js'
import { authorityFiles } from '../cluster/pki/paths.js'
import { bootstrapTokenSecret } from '../kubernetes/config/bootstrap-token.js'
import { proxyTokenDescription, uploadedCertificates } from '../kubernetes/config/uploaded-certificates.js'
import { pkiDirectory } from '../kubernetes/manifests/paths.js'
import { textAt } from '../kubernetes/read.js'
import { UserError } from '../lib/errors.js'
import { Secret } from '../lib/secret.js'
import { newBootstrapToken } from '../pki/bootstrap-token.js'
import { seal } from '../pki/seal.js'

/** As long as kubeadm keeps them (kubeadmconstants.DefaultCertTokenDuration). */
const ttlMs = 2 * 3_600_000
const keyBytes = 32

/**
 * Uploads the authorities and their keys for `kubeadm join --control-plane`, as `kubeadm init --upload-certs` does:
 * a Secret, encrypted with a new key, that goes after two hours.
 * @returns the certificate key, 64 hexadecimal digits; meant to be shown once
 * Throws UserError('step') when a key is not there.
 */
export async function uploadCertificates(context: Context): Promise<Secret> {
  const key = context.random(keyBytes)
  const files = await filesOf(context)
  const sealed = new Map([...files].map(([name, text]) => [name, seal(key, text.reveal(), context.random)]))
  const kube = await context.kube()
  const token = newBootstrapToken(context.random)
  const owner = bootstrapTokenSecret(token, {
    expiration: new Date(context.now().getTime() + ttlMs),
    description: proxyTokenDescription,
    usable: false,
  })
  const { name } = owner.metadata
  const uid = textAt(await kube.createOwn(owner), 'metadata', 'uid')
  for (const object of uploadedCertificates(sealed, { name, uid })) {
    // keys of an earlier upload give way, as with kubeadm
    if (await kube.get(object)) await kube.patch(object, object)
    else await kube.create(object)
  }
  return new Secret(key.toString('hex'))
}

async function filesOf(context: Context): Promise<Map<string, Secret>> {
  const { host } = leaderOf(context)
  const paths = uploadedFiles(context.spec)
  const texts = await Promise.all(
    [...paths].map(async ([name, path]): Promise<[string, Secret]> => {
      const answer = await host.read({ what: `read ${path}`, script: 'cat -- "$1"', args: [path] })
      if (answer.code !== 0)
        throw new UserError('step', `${path} cannot be read, and a control plane node requires it to join`, {
          host: host.name,
          why: answer.stderr.trim(),
          next: 'restore the file; if keys are kept elsewhere, copy them to the new host by hand',
        })
      return [name, new Secret(answer.stdout.toString())]
    }),
  )
  return new Map(texts)
}

/** Paths on a control plane, by the name kubeadm gives each in the Secret: with external etcd the client's files for it. Pure. */
export function uploadedFiles({ etcd }: Pick<Context['spec'], 'etcd'>): Map<string, string> {
  const { kubernetes, frontProxy } = authorityFiles
  const own = [kubernetes, frontProxy, ...(etcd.external ? [] : [authorityFiles.etcd])].flatMap((base) => [
    `${base}.crt`,
    `${base}.key`,
  ])
  const theirs: [string, string][] = etcd.external
    ? [
        ['external-etcd-ca.crt', etcd.external.caFile],
        ['external-etcd.crt', etcd.external.certFile],
        ['external-etcd.key', etcd.external.keyFile],
      ]
    : []
  return new Map([
    ...[...own, 'sa.pub', 'sa.key'].map((path): [string, string] => [
      path.replaceAll('/', '-'),
      `${pkiDirectory}/${path}`,
    ]),
    ...theirs,
  ])
}
