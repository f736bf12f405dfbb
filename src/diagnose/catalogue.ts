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
    cause: 'swap is on again: something turned it on after it was turned off',
    next: 'run kubestrap up again, which turns it off; if it comes back see swapon --show, systemctl list-units --type=swap',
  },
  {
    id: 'cgroup-driver',
    patterns: [
      /kubelet cgroup driver: "(\w+)" is different from \w+ cgroup driver: "(\w+)"/,
      /expected cgroupsPath to be of format "?\\?"?slice:prefix:name/,
    ],
    cause: 'kubelet and container runtime disagree about the cgroup driver',
    next: 'leave cgroupDriver out of kubelet.config, so that it follows the runtime; or set the runtime alike (docker info)',
  },
  {
    id: 'port-taken',
    patterns: [
      /:(\d+): bind: address already in use/,
      /cannot bind socket \(Address already in use\) for \[\S*:(\d+)\]/,
    ],
    cause: 'port {1} is taken by another program',
    next: "see which (ss -ltnp 'sport = :{1}') and end it, or give it another port",
  },
  {
    id: 'apt-locked',
    patterns: [
      /Could not get lock (\S+?)[.\s]/,
      /Unable to acquire the dpkg frontend lock/,
      /dpkg frontend lock (?:was|is) locked/,
    ],
    cause: 'another program is installing packages',
    next: 'wait for it to end (unattended upgrades run after a boot) and run again; never delete the lock',
  },
  {
    id: 'image-missing',
    patterns: [
      /^pull image (\S+): failed/,
      /(?:pulling image|pull image|PullImage|Back-off pulling image) \\*"([^"\\]+)/i,
      /Container image \\*"([^"\\]+)\\*" is not present with pull policy of Never/,
    ],
    cause: 'image {1} is not on the machine, and cannot be pulled',
    next: 'put it into the bundle or name the tag that is there (etcd.imageTag, dns.imageTag), or give the machine a way to its registry (imageRepository); then run kubestrap up',
  },
  {
    id: 'clock',
    patterns: [
      /current time (\S+) is before (\S+)/,
      /certificate is not yet valid/,
      /Release file for \S+ is not valid yet/,
    ],
    cause: 'something is dated later than the clock of this machine says: a clock is wrong',
    next: 'compare the clocks (date -u on every machine) and set them right (chrony, systemd-timesyncd), then run again',
  },
  {
    id: 'certificate-expired',
    patterns: [/current time \S+ is after (\S+)/, /certificate has expired(?! or)/],
    cause: 'a certificate has expired, or the clock runs ahead',
    next: 'compare the clocks (date -u); then run kubestrap up, which renews what it made (kubeadm certs check-expiration shows all)',
  },
  {
    id: 'certificate-name',
    patterns: [
      /certificate is valid for .+, not ([\w.:-]+)/,
      /cannot validate certificate for ([\w.:-]+) because it doesn't contain any IP SANs/,
      /does not match certificate's altnames: (?:Host|IP): (\S+?)\.? is not/,
    ],
    cause: "the API server's certificate is for other names than {1}",
    next: 'add {1} to apiServer.certSANs, or correct kubernetes.controlPlaneEndpoint; then kubestrap up',
  },
  {
    id: 'other-authority',
    patterns: [/certificate signed by unknown authority/, /unable to verify the first certificate/],
    unless: pull,
    cause: 'two sides trust different certificate authorities: one is of another, or an older, cluster',
    next: 'compare sha256sum /etc/kubernetes/pki/ca.crt on the machines; kubestrap reset HOST takes the old one off',
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
    cause: 'the machine cannot resolve names',
    next: 'see /etc/resolv.conf there (resolvectl status), and whether its name server is reached',
  },
  {
    id: 'kubelet-crash-loop',
    patterns: [/^F\d{4} .*\] (?:failed to run Kubelet: )?(.+)$/, /^E\d{4} .*"command failed" err="(.+)"$/],
    general: true,
    cause: 'the kubelet starts and ends again: {1}',
    next: 'what it complains of is most often in kubelet.config or kubelet.extraArgs; on the machine: journalctl -u kubelet',
  },
  {
    id: 'static-pod-crash',
    patterns: [/^container (\S+): Exited \(([1-9]\d*)\)/],
    general: true,
    cause: '{1} starts and ends again, with exit code {2}',
    next: 'its last words stand above; most often a flag of its extraArgs; on the machine: docker logs, or crictl logs, of its last container',
  },
]
