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
    next: 'compare the clocks (date -u); then run kubestrap up, which renews certificates (kubeadm certs check-expiration lists all)',
    title: 'A certificate has expired',
    what: 'A TLS connection is refused because a certificate is no longer valid.',
    why: 'Certificates of Kubernetes are valid for a year, and were not renewed; or the clock of the host that checks is ahead.',
    fix: [
      'Compare the clocks: `kubestrap exec -- date -u`.',
      '`kubestrap status` lists certificates that have expired or are due; `kubestrap up` renews them.',
      'An authority (CA) that has expired is not renewed by kubestrap.',
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
    what: 'A client refuses the API server because it was reached by a name or address that its certificate does not contain.',
    why: 'A new name, load balancer or address that the inventory does not know; or the name leads to another server.',
    fix: [
      'Add the name or address to `apiServer.certSANs`, or correct `kubernetes.controlPlaneEndpoint`.',
      'Run `kubestrap up`: the certificate is issued again, and API servers restart one after the other.',
      'Where the name leads to another server: correct DNS or /etc/hosts.',
    ],
  },
  {
    id: 'other-authority',
    code: 'KS0603',
    patterns: [/certificate signed by unknown authority/, /unable to verify the first certificate/],
    unless: pull,
    cause:
      'client and server trust different certificate authorities: one belongs to another or an older cluster',
    next: 'compare sha256sum /etc/kubernetes/pki/ca.crt on the hosts; kubestrap reset HOST removes the old one',
    title: 'Client and server trust different authorities',
    what: 'A component refuses the certificate of another: "certificate signed by unknown authority".',
    why: 'A host has files of an earlier cluster, the endpoint leads to another cluster, or ca.crt was replaced on some hosts only.',
    fix: [
      'Compare: `kubestrap exec -- sha256sum /etc/kubernetes/pki/ca.crt`.',
      'The host that differs: `kubestrap reset HOST`, then `kubestrap up`.',
      'Where all agree: check where the name of the endpoint leads (`getent hosts NAME` on the host).',
    ],
  },
  {
    id: 'key-mismatch',
    code: 'KS0604',
    patterns: [/tls: private key does not match public key/],
    cause: 'a certificate and its key do not belong together',
    next: 'compare the dates of .crt and .key in /etc/kubernetes/pki; remove the pair that does not match (never ca), and run kubestrap up, which issues it again',
    title: 'A certificate and its key do not belong together',
    what: 'A component ends at its start: "tls: private key does not match public key".',
    why: 'One of the two files was restored or copied from elsewhere, or written while the other was not.',
    fix: [
      'Find the pair: for each, `openssl x509 -noout -pubkey -in NAME.crt | sha256sum` and `openssl pkey -pubout -in NAME.key | sha256sum` must agree.',
      'Move the pair away, and run `kubestrap up`, which issues it again. Of ca, etcd/ca, front-proxy-ca and sa: copy the right pair from another control plane node, never remove it.',
    ],
  },
]
