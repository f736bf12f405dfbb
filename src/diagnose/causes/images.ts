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
    cause: 'the registry allows this address no more pulls for now',
    next: 'wait (Docker Hub counts six hours), use a mirror or an account (registries), or a bundle; then run again',
    title: 'The registry limits the number of pulls',
    what: 'The registry answered 429 Too Many Requests: "toomanyrequests".',
    why: 'Registries limit pulls by address or account. Hosts behind one NAT address share the limit.',
    fix: [
      'Wait until the limit has passed, and run again: images that are there are not pulled again.',
      'Give the hosts a mirror or an account for the registry: `registries` of the inventory.',
      'Or create a bundle once (`kubestrap bundle create`): hosts then pull nothing.',
    ],
  },
  {
    id: 'image-platform',
    code: 'KS0303',
    patterns: [/no match for platform in manifest/, /no matching manifest for (\S+) in the manifest list/],
    cause: "the image is not published for the host's processor",
    next: 'use an image that is published for this architecture (imageRepository, imageTag), or a host with another processor',
    title: 'An image is not published for this processor',
    what: 'The registry has the image, but no variant for the architecture of the host.',
    why: 'The image was built for other architectures only, or a mirror was filled with the variants of one.',
    fix: [
      'See what there is: `docker manifest inspect IMAGE`, or `crane manifest IMAGE`.',
      'Fill the mirror with all architectures of your hosts, or use the original registry.',
      'Or use an image tag that is published for it (`etcd.imageTag`, `dns.imageTag`).',
    ],
  },
  {
    id: 'registry-login',
    code: 'KS0304',
    patterns: [/pull access denied/, /insufficient_scope: authorization failed/],
    cause:
      'the registry does not let this host pull the image: it does not exist there, or a login is needed',
    next: 'check the name of the image and the login for the registry (registries in the inventory); then run kubestrap up',
    title: 'The registry denies the image',
    what: 'The registry answered "pull access denied". It does not say whether the image does not exist or a login is needed.',
    why: 'A mistake in imageRepository or in a tag, a private registry without a login, or a login without the right to this repository.',
    fix: [
      'Check the name: `docker pull IMAGE` on a computer that may pull it.',
      'Set user and password for the registry: `registries` of the inventory, as references to secrets.',
      'Run `kubestrap up`.',
    ],
  },
  {
    id: 'registry-certificate',
    code: 'KS0305',
    patterns: [/(?:pull|\/v2\/).*x509: certificate signed by unknown authority/i],
    cause: "the host does not trust the authority of the registry's certificate",
    next: 'name its authority in the inventory (registries, ca), and run kubestrap up',
    title: 'The certificate of the registry is not trusted',
    what: 'The container runtime refuses the registry: "x509: certificate signed by unknown authority".',
    why: 'The registry has a certificate of a private authority; or a proxy between host and registry replaces certificates by its own.',
    fix: [
      'See who signed it: `openssl s_client -connect REGISTRY:443 </dev/null | openssl x509 -noout -issuer`.',
      'Name the certificate of that authority in `registries` (ca) of the inventory, and run `kubestrap up`.',
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
    cause: 'image {1} is not on the machine, and cannot be pulled',
    next: 'add the image to the bundle, use the tag that is in the bundle (etcd.imageTag, dns.imageTag), or make the registry reachable (imageRepository); then run kubestrap up',
    title: 'An image is not on the machine, and cannot be pulled',
    what: 'A container cannot start because its image is missing, and no registry gave it.',
    why: 'The bundle does not have this tag, the registry is not reached from the host (no route, no DNS, a proxy that is not configured), or the tag does not exist.',
    fix: [
      'With a bundle: `kubestrap bundle show` lists its images; set the tag it has, or create it again.',
      'Without: `curl -I https://REGISTRY/v2/` on the host shows whether it is reached; `sources.proxy` is for a proxy, `imageRepository` for a mirror.',
      'Run `kubestrap up`.',
    ],
  },
]
