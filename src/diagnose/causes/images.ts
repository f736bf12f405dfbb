import type { Cause } from '../cause.js'

/** What a more exact cause below is about. */
const exact =
  /toomanyrequests|no match for platform in manifest|no matching manifest for|pull access denied|insufficient_scope|certificate signed by unknown authority/

/** 03: images and registries. */
export const imageCauses: readonly Cause[] = [
  {
    id: 'registry-rate-limit',
    code: 'KS0302',
    patterns: [/toomanyrequests: /],
    cause: 'the registry allows no more pulls from this address for now',
    next: 'wait (Docker Hub counts six hours), use a mirror or an account (registries), or a bundle; then run again',
    title: 'The registry limits the number of pulls',
    what: 'The registry answered 429 Too Many Requests: "toomanyrequests".',
    why: 'Registries limit pulls by address or account. Hosts behind one NAT address share the limit.',
    fix: [
      'Wait until the limit has passed, and run again: images that are on the host are not pulled again.',
      'Set a mirror or an account for the registry: `registries.NAME.mirrors`, `registries.NAME.auth`.',
      'Or create a bundle once (`kubestrap bundle create`) and set `binaries.bundle`: images of the bundle are not pulled.',
    ],
  },
  {
    id: 'image-platform',
    code: 'KS0303',
    patterns: [/no match for platform in manifest/, /no matching manifest for (\S+) in the manifest list/],
    cause: "the image is not published for the host's architecture",
    next: 'use an image that is published for this architecture (kubernetes.imageRepository, etcd.imageTag, dns.imageTag), or a host of another architecture',
    title: 'An image is not published for this architecture',
    what: 'The registry has the image, but no manifest for the architecture of the host.',
    why: 'The image was built for other architectures only, or a mirror has the manifests of one architecture only.',
    fix: [
      'List the architectures of the image: `docker manifest inspect IMAGE`, or `crane manifest IMAGE`.',
      'Copy the image to the mirror with all architectures of your hosts, or use the original registry.',
      'Or use a tag that is published for the architecture (`etcd.imageTag`, `dns.imageTag`).',
    ],
  },
  {
    id: 'registry-login',
    code: 'KS0304',
    patterns: [/pull access denied/, /insufficient_scope: authorization failed/],
    cause:
      'the registry denies the image to this host: the registry does not have the image, or requires a login',
    next: 'check the name of the image and the login for the registry (registries.NAME.auth); then run kubestrap up',
    title: 'The registry denies the image',
    what: 'The registry answered "pull access denied". The words are the same for an image that does not exist and for a login that is missing.',
    why: 'A mistake in `kubernetes.imageRepository` or in a tag, a private registry without a login, or a login that is not allowed to pull this image.',
    fix: [
      'Check the name: `docker pull IMAGE` on a computer that may pull it.',
      'Set the login for the registry: `registries.NAME.auth`, with the password as a reference (env:NAME, file:PATH).',
      'Run `kubestrap up`.',
    ],
  },
  {
    id: 'registry-certificate',
    code: 'KS0305',
    patterns: [/(?:pull|\/v2\/).*x509: certificate signed by unknown authority/i],
    cause: 'the host does not trust the certificate authority of the registry',
    next: 'set registries.NAME.caFile to the CA certificate of the registry, and run kubestrap up',
    title: 'The certificate of the registry is not trusted',
    what: 'The container runtime refuses the registry: "x509: certificate signed by unknown authority".',
    why: 'The certificate of the registry is signed by a private certificate authority; or a proxy between host and registry replaces certificates.',
    fix: [
      'Show who signed the certificate: `openssl s_client -connect REGISTRY:443 </dev/null | openssl x509 -noout -issuer`.',
      'Set `registries.NAME.caFile` to a local file with the certificate of that authority, and run `kubestrap up`.',
    ],
  },
  {
    id: 'image-missing',
    code: 'KS0301',
    patterns: [
      /^pull image (\S+): failed/,
      /(?:pulling image|pull image|PullImage|Back-off pulling image) \\*"([^"\\]+)/i,
      /Container image \\*"([^"\\]+)\\*" is not present with pull policy of Never/,
    ],
    unless: exact,
    cause: 'image {1} is not on the host, and cannot be pulled',
    next: 'create the bundle again with the image, use the tag that is in the bundle (etcd.imageTag, dns.imageTag), or a registry within reach (registries, kubernetes.imageRepository); then run kubestrap up',
    title: 'An image is not on the host, and cannot be pulled',
    what: 'A container cannot start because its image is missing, and no registry served the image.',
    why: 'The bundle does not have this tag, the host cannot reach the registry (no route, no DNS, a proxy that is not configured), or the tag does not exist. Or the kubelet removed the image: when more than `imageGCHighThresholdPercent` (85 %) of the disk is used, the kubelet removes images that no container uses.',
    fix: [
      'With a bundle: `kubestrap bundle show` lists the images of the bundle; set the tag that is listed, or create the bundle again (`kubestrap bundle create`).',
      'Without a bundle: `curl -I https://REGISTRY/v2/` on the host shows whether the host reaches the registry; `sources.proxy` sets a proxy, `registries.NAME.mirrors` a mirror, `kubernetes.imageRepository` your own registry.',
      "`journalctl -u kubelet | grep 'Removing image'` on the host names images that the kubelet removed: free disk space.",
      'Run `kubestrap up`: images of the bundle are loaded again.',
    ],
  },
]
