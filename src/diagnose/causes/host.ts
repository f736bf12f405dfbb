import type { Cause } from '../cause.js'

/** 01: the machine itself. */
export const hostCauses: readonly Cause[] = [
  {
    id: 'disk-full',
    code: 'KS0101',
    patterns: [/no space left on device/i, /don't have enough free space in/, /^disk: \S+ is \d+% full/],
    // the kernel says so of a limit of watches, too
    unless: /inotify/,
    cause: 'a disk is full',
    next: 'free space (df -h, df -i; docker system df; journalctl --vacuum-size=100M) and run again',
    title: 'A disk is full',
    what: 'A program could not write a file: the file system has no free space or no free inode.',
    why: 'Most often images of containers, logs, or a file system that is too small for /var/lib/containerd, /var/lib/docker or /var/lib/etcd. The preflight check DiskSpace looks before anything is changed, but other programs can use the space up later.',
    fix: [
      'Find the file system: `df -h` for space, `df -i` for inodes.',
      'Free space: `docker system prune` (Docker) or `crictl rmi --prune` (where crictl is installed) for images, `journalctl --vacuum-size=100M` for the journal.',
      'Or enlarge the file system. Then run the same command again: finished steps are kept.',
    ],
  },
  {
    id: 'read-only',
    code: 'KS0102',
    patterns: [/Read-only file system/],
    cause: 'a file system of the host is mounted read-only',
    next: 'see dmesg for errors of the disk; mount it for writing (mount -o remount,rw PATH), and run again',
    title: 'A file system is read-only',
    what: 'A program could not create or change a file because its file system is mounted read-only.',
    why: 'The kernel remounts a file system read-only after errors of the disk; or the system is immutable: /usr or /etc cannot be changed.',
    fix: [
      'Look for errors of the disk: `dmesg | grep -i -E "remount|I/O error"`. A disk with errors must be replaced or repaired (fsck) first.',
      'Where there are no errors: `mount -o remount,rw PATH`, and correct the line of /etc/fstab.',
      'kubestrap does not support immutable systems.',
    ],
  },
  {
    id: 'clock',
    code: 'KS0103',
    patterns: [
      /current time (\S+) is before (\S+)/,
      /certificate is not yet valid/,
      /Release file for \S+ is not valid yet/,
    ],
    cause: 'a certificate or token is not valid yet by the clock of the host: a clock is wrong',
    next: 'compare the clocks (date -u on every host) and synchronize them (chrony, systemd-timesyncd), then run again',
    title: 'A clock is wrong',
    what: 'By the clock of the host, a certificate, a token or a list of packages is from the future.',
    why: 'The clock of this host is behind, or the clock of the computer that signed the certificate, the token or the list is ahead: no time service runs, or the service cannot reach its servers.',
    fix: [
      'Compare: `kubestrap exec -- date -u`, and the clock of the computer that runs kubestrap.',
      'Set `timeSync: chrony` in the inventory, or fix the time service that the host has (`timedatectl`).',
      'Run again. What was signed by a clock that was ahead becomes valid with time, or `kubestrap up` renews it.',
    ],
  },
  {
    id: 'port-taken',
    code: 'KS0104',
    patterns: [
      /:(\d+): bind: address already in use/,
      /cannot bind socket \(Address already in use\) for \[\S*:(\d+)\]/,
    ],
    cause: 'port {1} is in use by another program',
    next: "find the program (ss -ltnp 'sport = :{1}') and stop the program, or configure another port for the program",
    title: 'A port is in use by another program',
    what: 'A component of Kubernetes, etcd or the load balancer exited because its port is in use.',
    why: 'Another program listens on the port: an earlier cluster that was not removed, a web server on 6443, or a second instance of the same component.',
    fix: [
      "Find the program: `ss -ltnp 'sport = :PORT'` on the host.",
      'Stop the program, or configure another port for the program. `kubestrap reset HOST` removes what is left of an earlier cluster of kubestrap, `kubeadm reset` what is left of a cluster of kubeadm.',
      'For a new cluster, another port of the API server is possible: `apiServer.bindPort`.',
    ],
  },
  {
    id: 'kernel-module',
    code: 'KS0105',
    patterns: [/Module (\S+) not found in directory \/lib\/modules\/(\S+)/],
    cause: 'the running kernel ({2}) has no module {1}',
    next: 'reboot when the kernel was upgraded since the boot; else install the package with the modules of this kernel, and run again',
    title: 'A kernel module is missing',
    what: 'modprobe did not find a module that Kubernetes or the Pod network needs (overlay, br_netfilter, vxlan, ip_vs).',
    why: 'The kernel was upgraded, and the modules of the running kernel were removed; or the system has a reduced kernel, whose extra modules are a separate package; or the host is a container that shares the kernel of another machine.',
    fix: [
      'Compare `uname -r` with `ls /lib/modules`. Where the running kernel is not listed: reboot.',
      'Install the modules: linux-modules-extra-$(uname -r) on Ubuntu, kernel-modules-extra on the family of Red Hat.',
      'In a container: load the module on the machine whose kernel the container shares.',
    ],
  },
  {
    id: 'inotify-limit',
    code: 'KS0106',
    patterns: [
      /inotify_(?:init|add_watch).*(?:too many open files|no space left on device)/,
      /failed to create fsnotify watcher: too many open files/,
    ],
    cause: 'the host has no inotify instances or watches left',
    next: 'raise fs.inotify.max_user_instances (to 8192) and fs.inotify.max_user_watches (to 524288) by sysctl, and run again',
    title: 'No inotify instances or watches are left',
    what: 'The kubelet, or another program that watches files, could not watch a file. The words "no space left on device" and "too many open files" are about watches, not about the disk.',
    why: 'The limits of the kernel hold for each user, and all containers of root share them. Many containers, or programs that watch many files, use the limits up.',
    fix: [
      'Show the limits: `sysctl fs.inotify`.',
      'Write `fs.inotify.max_user_instances = 8192` and `fs.inotify.max_user_watches = 524288` to a file in /etc/sysctl.d, and load the file: `sysctl --system`.',
      'Run again.',
    ],
  },
]
