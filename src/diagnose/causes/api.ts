import type { Cause } from '../cause.js'

/** A kubelet or runtime on its way to an image. */
const pull = /pull(?:ing|ed)? image|PullImage|ErrImagePull|ImagePullBackOff|\/v2\//i

/** 06: the API server, and certificates of all. */
export const apiCauses: readonly Cause[] = [
  {
    id: 'certificate-expired',
    code: 'KS0601',
    patterns: [/current time \S+ is after (\S+)/, /certificate has expired(?! or)/],
    cause: 'a certificate has expired, or the clock is ahead',
    next: 'compare the clocks (date -u); then run kubestrap up, which renews certificates; kubestrap status names those that have expired',
    title: 'A certificate has expired',
    what: 'A TLS connection is refused because a certificate is no longer valid.',
    why: 'Certificates of Kubernetes are valid for a year, and the certificate was not renewed in time; or the clock of the host that checks the certificate is ahead.',
    fix: [
      'Compare the clocks: `kubestrap exec -- date -u`.',
      '`kubestrap status` names the first certificate to expire and those that have expired; `kubestrap up` renews certificates.',
      'kubestrap does not renew a certificate authority (CA): the Kubernetes documentation has "Manual Rotation of CA Certificates".',
    ],
  },
  {
    id: 'certificate-name',
    code: 'KS0602',
    patterns: [
      /certificate is valid for .+, not ([\w.:-]+)/,
      /cannot validate certificate for ([\w.:-]+) because it doesn't contain any IP SANs/,
      /does not match certificate's altnames: (?:Host|IP): (\S+?)\.? is not/,
    ],
    cause: "the API server's certificate does not contain the name {1}",
    next: 'add {1} to apiServer.certSANs, or fix kubernetes.controlPlaneEndpoint; then run kubestrap up',
    title: "The API server's certificate does not contain a name",
    what: 'A client refuses the API server because the client used a name or an address that the certificate of the API server does not contain.',
    why: 'A name, a load balancer or an address is new and not in the inventory; or the name resolves to another server.',
    fix: [
      'Add the name or the address to `apiServer.certSANs`, or correct `kubernetes.controlPlaneEndpoint`.',
      'Run `kubestrap up`: the certificate is renewed, and the API servers restart one after the other.',
      'Where the name resolves to another server: correct DNS or /etc/hosts.',
    ],
  },
  {
    id: 'other-authority',
    code: 'KS0603',
    patterns: [/certificate signed by unknown authority/, /unable to verify the first certificate/],
    unless: pull,
    cause:
      'client and server trust different certificate authorities: the files of one of the two are of another or an older cluster',
    next: 'compare sha256sum /etc/kubernetes/pki/ca.crt on the hosts; kubestrap reset HOST removes the files of the older cluster',
    title: 'Client and server trust different certificate authorities',
    what: 'A component refuses the certificate of another component: "certificate signed by unknown authority".',
    why: 'A host has files of an earlier cluster, the endpoint is that of another cluster, or ca.crt was replaced on some hosts only.',
    fix: [
      'Compare: `kubestrap exec -- sha256sum /etc/kubernetes/pki/ca.crt`.',
      'Reset the host whose digest differs: `kubestrap reset HOST`, then `kubestrap up`.',
      'Where all digests are the same: check the address of the endpoint (`getent hosts NAME` on the host).',
    ],
  },
  {
    id: 'key-mismatch',
    code: 'KS0604',
    patterns: [/tls: private key does not match public key/],
    cause: 'a certificate and its key do not belong together',
    next: 'compare the dates of .crt and .key in /etc/kubernetes/pki; move away the pair that does not match (never ca), and run kubestrap up, which creates a new pair',
    title: 'A certificate and its key do not belong together',
    what: 'A component exits after each start: "tls: private key does not match public key".',
    why: 'The certificate or the key was restored or copied from elsewhere, or only one of the two files was written.',
    fix: [
      'Find the pair: for each pair, the digests of `openssl x509 -noout -pubkey -in NAME.crt | sha256sum` and `openssl pkey -pubout -in NAME.key | sha256sum` must be the same.',
      'Move the pair away, and run `kubestrap up`, which creates a new pair. For ca, etcd/ca, front-proxy-ca and sa: copy the right pair from another control plane node, and never remove such a pair.',
    ],
  },
]
