import type { Cause } from '../cause.js'

/** 04: the kubelet, and what it runs of files. */
export const kubeletCauses: readonly Cause[] = [
  {
    id: 'swap-on',
    code: 'KS0401',
    patterns: [/running with swap on is not supported/],
    cause: 'swap was turned on again after kubestrap turned it off',
    next: 'run kubestrap up again, which turns swap off; if swap returns see swapon --show, systemctl list-units --type=swap',
    title: 'Swap is on',
    what: 'The kubelet ends at its start: "running with swap on is not supported".',
    why: 'Something turns swap on after kubestrap turned it off: a unit of systemd, zram, a service of the cloud provider, or an administrator.',
    fix: [
      'See what is on: `swapon --show`, `systemctl list-units --type=swap`.',
      'Disable the unit or service that turns it on (zram-generator, systemd-gpt-auto-generator).',
      'Run `kubestrap up`; or allow swap: `kubelet: { config: { failSwapOn: false } }`.',
    ],
  },
  {
    id: 'kubelet-cgroup-v1',
    code: 'KS0402',
    patterns: [/kubelet is configured to not run on a host using cgroup v1/],
    cause: 'the host uses cgroup v1, which this kubelet refuses',
    next: 'boot the host with cgroup v2 (systemd.unified_cgroup_hierarchy=1, or a newer system), or set failCgroupV1: false in kubelet.config',
    title: 'The host uses cgroup v1',
    what: 'The kubelet (1.35 and later by default) ends at its start on a host with cgroup v1.',
    why: 'The system is old (Red Hat 8, Ubuntu 20.04, Debian 10), or boots with systemd.unified_cgroup_hierarchy=0.',
    fix: [
      'See which it is: `stat -fc %T /sys/fs/cgroup`; cgroup2fs is v2.',
      'Add systemd.unified_cgroup_hierarchy=1 to the command line of the kernel and reboot, or use a newer system.',
      'For the time being: `kubelet: { config: { failCgroupV1: false } }`.',
    ],
  },
  {
    id: 'unknown-flag',
    code: 'KS0405',
    patterns: [
      /^(kube-\S+|etcd): (?:Error: )?(?:unknown flag: |flag provided but not defined: )(-\S+)/,
      /^[EF]\d{4} .*\b()unknown flag: (--[^\s"]+)/,
    ],
    cause: '{2} is no flag of this version',
    next: 'correct or remove it in the extraArgs of the inventory; then run kubestrap up',
    title: 'A component does not know a flag',
    what: 'The kubelet, or a component of the control plane, ends at its start because of a flag it does not know.',
    why: 'A mistake in extraArgs, or a flag that this version of Kubernetes no longer has.',
    fix: [
      'Correct or remove the flag in extraArgs of the inventory (kubelet, apiServer, controllerManager, scheduler, etcd).',
      'The flags of a version: `COMPONENT --help`, or the reference of the Kubernetes documentation for that version.',
      'Run `kubestrap up`.',
    ],
  },
  {
    id: 'kubelet-crash-loop',
    code: 'KS0403',
    patterns: [/^F\d{4} .*\] (?:failed to run Kubelet: )?(.+)$/, /^E\d{4} .*"command failed" err="(.+)"$/],
    general: true,
    cause: 'the kubelet exits after each start: {1}',
    next: 'most often a field of kubelet.config or a flag of kubelet.extraArgs; on the host: journalctl -u kubelet',
    title: 'The kubelet exits after each start',
    what: 'systemd starts the kubelet again and again. The line quoted is the last one that it said.',
    why: 'Most often a field of its configuration or a value of a flag that it does not accept.',
    fix: [
      'Read the quoted line; the lines before it: `journalctl -u kubelet -n 50` on the host.',
      'Correct `kubelet.config` or `kubelet.extraArgs` in the inventory, and run `kubestrap up`.',
    ],
  },
  {
    id: 'static-pod-crash',
    code: 'KS0404',
    patterns: [/^container (\S+): Exited \(([1-9]\d*)\)/],
    general: true,
    cause: '{1} exits after each start, with exit code {2}',
    next: 'see its last log lines above; most often a flag of its extraArgs; on the host: docker logs, or crictl logs, of its last container',
    title: 'A static Pod exits after each start',
    what: 'A component of the control plane, or etcd, ended during the run. Its last words are shown with the failure.',
    why: 'Most often a value of a flag or a file that is not there; exit code 137 is a kill: by the kubelet after failed liveness probes, or by the kernel for lack of memory.',
    fix: [
      'Read its last words; more of them: `crictl ps -a`, `crictl logs ID` (or docker) on the host.',
      'Correct its extraArgs in the inventory, and run `kubestrap up`.',
      'For 137: `dmesg | grep -i oom`.',
    ],
  },
]
