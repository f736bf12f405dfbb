import type { Grammar } from './grammar.js'

/** Directories that are somebody's: nothing of ours is made of them. */
const shared = new Set(
  `/ /bin /boot /dev /etc /home /lib /lib32 /lib64 /libx32 /lost+found /media /mnt /opt /proc /root /run
  /sbin /snap /srv /sys /tmp /usr /usr/local /var /var/backups /var/cache /var/lib /var/local /var/lock /var/log
  /var/mail /var/opt /var/run /var/spool /var/tmp`.split(/\s+/),
)

/** And these with all that is below them. */
const foreign =
  `/bin /boot /dev /etc /lib /lib32 /lib64 /libx32 /proc /run /sbin /snap /sys /tmp /usr /var/run /var/tmp
  /var/lock /var/log /var/cache /var/lib/apt /var/lib/cni /var/lib/containerd /var/lib/dbus /var/lib/docker
  /var/lib/dpkg /var/lib/kubelet /var/lib/kube-proxy /var/lib/pacman /var/lib/rpm /var/lib/systemd`.split(
    /\s+/,
  )

/**
 * Absolute, without ".", ".." and "//", of characters that mean nothing to a shell, a unit, a manifest or a flag.
 * A slash at the end is left to whoever wrote it.
 */
function isPlain(text: string): boolean {
  return (
    text.startsWith('/') &&
    text.length <= 4096 &&
    text
      .replace(/(?<=.)\/$/, '')
      .split('/')
      .every((part, i) =>
        i === 0 ? part === '' : /^[A-Za-z0-9._+@-]{1,255}$/.test(part) && !/^\.\.?$/.test(part),
      )
  )
}

/** Whether a plain path is a directory of the system, or lies where only the system puts things. */
function isSystems(text: string): boolean {
  const path = text.replace(/(?<=.)\/$/, '')
  const below = (directory: string): boolean => path === directory || path.startsWith(`${directory}/`)
  // what an administrator built by hand is below /usr/local
  const own =
    /^\/usr\/local\/(?!(?:bin|etc|games|include|lib|lib64|libexec|man|sbin|share|src)(?:\/|$))/.test(path)
  return shared.has(path) || /^\/home\/[^/]+$/.test(path) || (!own && foreign.some(below))
}

/** Whether a directory is one that the system and everybody else share. */
export const isSharedDirectory = (path: string): boolean => shared.has(path)

/** A directory on hosts that is emptied, or given another mode or owner. */
export const ownDirectory: Grammar = {
  is: 'a directory that can be taken',
  accepts: (text) => isPlain(text) && !isSystems(text),
  write:
    'an absolute path of letters, digits, ".", "_", "-", "+" and "@", without "..", that is no directory of the system: /var/lib/etcd',
}

/** A file on hosts that is read. */
export const hostFile: Grammar = {
  is: 'the path of a file',
  accepts: (text) => isPlain(text) && !text.endsWith('/'),
  write:
    'an absolute path of letters, digits, ".", "_", "-", "+" and "@", without "..": /etc/kubernetes/pki/etcd/ca.crt',
}
