import { ledgerFunctions } from '../host/ledger-script.js'

/**
 * Services that turn swap on by themselves, past systemd's swap units: Debian's zram-tools and dphys-swapfile
 * (Raspberry Pi OS), Ubuntu's zram-config, and others that distributions offer.
 */
export const swapServices = [
  'zramswap.service',
  'zram-config.service',
  'zram-swap.service',
  'dphys-swapfile.service',
  'swapspace.service',
  'systemd-swap.service',
]

/** Armbian's makes other devices too, so only its swap is turned off (armbian-zram-config). */
const armbian = { unit: 'armbian-zram-config.service', file: '/etc/default/armbian-zram-config' }

/** systemctl exits with 1, and says nothing, where there is none (seen with systemd 252): only words are a failure. POSIX sh. */
const unitFiles = `
unit_files() {
  said=$(systemctl list-unit-files --no-legend --plain "$@" 2>&1) || [ -z "$said" ] || { printf '%s\\n' "$said" >&2; return 1; }
  printf '%s\\n' "$said"
}
`

/**
 * `swap_units` prints the units of type swap that the next boot would start and nothing masks: those of unit files,
 * and what systemd's generators would make of the disks (GPT), of fstab and of zram-generator's files as they are
 * now. A generator only writes below the directories it is given (systemd.generator(7)), so it may be asked at any
 * time; it answers nothing in a container, where the boot does nothing either. POSIX sh.
 */
const functions = `${unitFiles}swap_units() {
  d=$(mktemp -d /run/kubestrap-boot.XXXXXX) || return 1
  mkdir "$d/n" "$d/e" "$d/l"
  for name in systemd-fstab-generator systemd-gpt-auto-generator zram-generator; do
    for dir in /etc/systemd/system-generators /usr/local/lib/systemd/system-generators /usr/lib/systemd/system-generators /lib/systemd/system-generators; do
      [ -x "$dir/$name" ] || continue
      "$dir/$name" "$d/n" "$d/e" "$d/l" >/dev/null 2>&1
      break
    done
  done
  made=$(find "$d" -name '*.swap' -type f) && files=$(unit_files --type=swap) || {
    rm -rf -- "$d"
    return 1
  }
  {
    printf '%s\\n' "$made" | sed 's|.*/||'
    printf '%s\\n' "$files" | awk '$1 ~ /\\.swap$/ && $2 != "masked" && $2 != "generated" && $2 != "transient" { print $1 }'
  } | sort -u | while IFS= read -r u; do
    [ -n "$u" ] || continue
    [ "$(readlink -- "/etc/systemd/system/$u")" = /dev/null ] || printf '%s\\n' "$u"
  done
  rm -rf -- "$d"
}
swap_services() {
  for u in ${swapServices.join(' ')}; do
    ! systemctl is-enabled --quiet "$u" 2>/dev/null || echo "$u"
  done
}
armbian_swap() {
  systemctl is-enabled --quiet ${armbian.unit} 2>/dev/null || return 1
  ! grep -qs '^[[:space:]]*SWAP=false' ${armbian.file}
}
zram_file() { # an empty file in /etc overrides the one in /usr/lib (zram-generator.conf(5))
  for f in /etc/systemd/zram-generator.conf /usr/local/lib/systemd/zram-generator.conf /usr/lib/systemd/zram-generator.conf; do
    [ -e "$f" ] || continue
    [ ! -s "$f" ] || echo "$f"
    return
  done
}
`

/** Prints what swaps and what would at the next boot, in sections; "@end" when all were looked for. POSIX sh. */
export const lookForSwap = `${functions}
[ ! -e /proc/swaps ] || active=$(cat /proc/swaps) || exit 1
echo @active; printf '%s\\n' "$active" | awk 'NR > 1 { print $1 }'
echo @units; swap_units || exit 1
echo @services; swap_services
! armbian_swap || echo ${armbian.unit}
echo @zram; zram_file
echo @end
`

/** Turns all of it off, and notes it in the ledger. POSIX sh. */
export const turnSwapOff = `${functions}${ledgerFunctions}
f=$(zram_file)
if [ -n "$f" ]; then
  f=/etc/systemd/zram-generator.conf
  remember file "$f" && remembered && : >"$f" || exit 1
fi
for u in $(swap_services); do
  remember disabled "$u" && remembered && systemctl disable --quiet --now "$u" || exit 1
done
if armbian_swap; then
  f=${armbian.file}
  remember file "$f" && remembered && { grep -v '^[[:space:]]*SWAP=' "$f" 2>/dev/null; echo SWAP=false; } >"$f.kubestrap" && mv -f "$f.kubestrap" "$f" || exit 1
fi
units=$(swap_units) || exit 1
for u in $units; do
  remember masked "$u" && remembered && systemctl mask --quiet -- "$u" || exit 1
done
systemctl daemon-reload
swapoff -a
`

/**
 * Prints programs that the next boot runs and that speak of swapon, of which nothing here knows what they do: scripts of enabled
 * services, rc.local and crontabs. Programs that are no text are not looked into. POSIX sh.
 */
export const unknownSwapScript = `
known=' ${[...swapServices, armbian.unit].join(' ')} '
${unitFiles}
enabled=$(unit_files --type=service --state=enabled) || exit 1
units=$(printf '%s\\n' "$enabled" | awk '$1 ~ /\\.service$/ { print $1 }' | grep -v '@\\.')
for u in $units; do
  case $known in *" $u "*) continue ;; esac
  p=$(systemctl show -p ExecStart --value -- "$u" | sed -n 's/^{ path=\\([^ ;]*\\) ;.*/\\1/p' | head -n 1)
  [ -n "$p" ] && [ -f "$p" ] && [ "$(head -c 2 -- "$p" 2>/dev/null | tr -d '\\0')" = '#!' ] && grep -qs swapon -- "$p" && echo "swapper $u"
done
[ -x /etc/rc.local ] && grep -qs '^[^#]*swapon' /etc/rc.local && echo 'swapper /etc/rc.local'
for f in /etc/crontab /etc/cron.d/* /var/spool/cron/crontabs/root /var/spool/cron/root; do
  [ -f "$f" ] && grep -qs '^@reboot.*swapon' "$f" && echo "swapper $f"
done
`
