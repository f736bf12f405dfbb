/** Something that often goes wrong, as data: how it shows, why it is so, what to do. */
export interface Cause {
  id: string
  /** Any of these, in one line of what was said. */
  patterns: readonly RegExp[]
  /** Lines that look like it and are something else. */
  unless?: RegExp
  /** It fits beside more exact causes, and says only where to look. Stands at the end. */
  general?: true
  /** `{1}` stands for what the pattern's first group caught. */
  cause: string
  next: string
}

/** A kubelet or runtime on its way to an image. */
const pull = /pull(?:ing|ed)? image|PullImage|ErrImagePull|ImagePullBackOff/i

/**
 * The first that fits wins, so what brings others about comes first: a full disk before what could not be
 * written. Every entry has captured fixtures in test/unit/diagnose/fixtures, which fit no other.
 */
export const causes: readonly Cause[] = [
  {
    id: 'disk-full',
    patterns: [/no space left on device/i, /don't have enough free space in/, /^disk: \S+ is \d+% full/],
    cause: 'a disk is full',
    next: 'make room (df -h, df -i; docker system df; journalctl --vacuum-size=100M) and run again',
  },
  {
    id: 'swap-on',
    patterns: [/running with swap on is not supported/],
    cause: 'swap was turned on again after kubestrap turned it off',
    next: 'run kubestrap up again, which turns swap off; if swap returns see swapon --show, systemctl list-units --type=swap',
  },
  {
    id: 'cgroup-driver',
    patterns: [
      /kubelet cgroup driver: "(\w+)" is different from \w+ cgroup driver: "(\w+)"/,
      /expected cgroupsPath to be of format "?\\?"?slice:prefix:name/,
    ],
    cause: 'kubelet and container runtime use different cgroup drivers',
    next: 'remove cgroupDriver from kubelet.config, so that it follows the runtime; or set the same driver for the runtime (docker info)',
  },
  {
    id: 'port-taken',
    patterns: [
      /:(\d+): bind: address already in use/,
      /cannot bind socket \(Address already in use\) for \[\S*:(\d+)\]/,
    ],
    cause: 'port {1} is in use by another program',
    next: "find it (ss -ltnp 'sport = :{1}') and stop it, or configure another port for it",
  },
  {
    id: 'apt-locked',
    patterns: [
      /Could not get lock (\S+?)[.\s]/,
      /Unable to acquire the dpkg frontend lock/,
      /dpkg frontend lock (?:was|is) locked/,
    ],
    cause: 'another program is installing packages',
    next: 'wait until it ends (unattended upgrades run after a boot) and run again; never delete the lock',
  },
  {
    id: 'image-missing',
    patterns: [
      /^pull image (\S+): failed/,
      /(?:pulling image|pull image|PullImage|Back-off pulling image) \\*"([^"\\]+)/i,
      /Container image \\*"([^"\\]+)\\*" is not present with pull policy of Never/,
    ],
    cause: 'image {1} is not on the machine, and cannot be pulled',
    next: 'add the image to the bundle, use the tag that is in the bundle (etcd.imageTag, dns.imageTag), or make the registry reachable (imageRepository); then run kubestrap up',
  },
  {
    id: 'clock',
    patterns: [
      /current time (\S+) is before (\S+)/,
      /certificate is not yet valid/,
      /Release file for \S+ is not valid yet/,
    ],
    cause: 'a certificate or token is not valid yet by the clock of the host: a clock is wrong',
    next: 'compare the clocks (date -u on every host) and synchronize them (chrony, systemd-timesyncd), then run again',
  },
  {
    id: 'certificate-expired',
    patterns: [/current time \S+ is after (\S+)/, /certificate has expired(?! or)/],
    cause: 'a certificate has expired, or the clock is ahead',
    next: 'compare the clocks (date -u); then run kubestrap up, which renews certificates (kubeadm certs check-expiration lists all)',
  },
  {
    id: 'certificate-name',
    patterns: [
      /certificate is valid for .+, not ([\w.:-]+)/,
      /cannot validate certificate for ([\w.:-]+) because it doesn't contain any IP SANs/,
      /does not match certificate's altnames: (?:Host|IP): (\S+?)\.? is not/,
    ],
    cause: "the API server's certificate does not contain the name {1}",
    next: 'add {1} to apiServer.certSANs, or fix kubernetes.controlPlaneEndpoint; then run kubestrap up',
  },
  {
    id: 'other-authority',
    patterns: [/certificate signed by unknown authority/, /unable to verify the first certificate/],
    unless: pull,
    cause:
      'client and server trust different certificate authorities: one belongs to another or an older cluster',
    next: 'compare sha256sum /etc/kubernetes/pki/ca.crt on the hosts; kubestrap reset HOST removes the old one',
  },
  {
    id: 'dns',
    patterns: [
      /Temporary failure (?:resolving|in name resolution)/,
      /Could not resolve host:? (\S+)/,
      /lookup (\S+?):? on \S+: (?:no such host|server misbehaving|read udp .*i\/o timeout)/,
      /getaddrinfo (?:ENOTFOUND|EAI_AGAIN) (\S+)/,
    ],
    unless: pull,
    cause: 'the host cannot resolve DNS names',
    next: 'check /etc/resolv.conf on the host (resolvectl status), and whether its name server answers',
  },
  {
    id: 'unknown-flag',
    patterns: [
      /^(kube-\S+|etcd): (?:Error: )?(?:unknown flag: |flag provided but not defined: )(-\S+)/,
      /^[EF]\d{4} .*\b()unknown flag: (--[^\s"]+)/,
    ],
    cause: '{2} is no flag of this version',
    next: 'correct or remove it in the extraArgs of the inventory; then run kubestrap up',
  },
  {
    id: 'kubelet-crash-loop',
    patterns: [/^F\d{4} .*\] (?:failed to run Kubelet: )?(.+)$/, /^E\d{4} .*"command failed" err="(.+)"$/],
    general: true,
    cause: 'the kubelet exits after each start: {1}',
    next: 'most often a field of kubelet.config or a flag of kubelet.extraArgs; on the host: journalctl -u kubelet',
  },
  {
    id: 'static-pod-crash',
    patterns: [/^container (\S+): Exited \(([1-9]\d*)\)/],
    general: true,
    cause: '{1} exits after each start, with exit code {2}',
    next: 'see its last log lines above; most often a flag of its extraArgs; on the host: docker logs, or crictl logs, of its last container',
  },
]
