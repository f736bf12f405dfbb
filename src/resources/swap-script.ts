import { ledgerFunctions } from '../host/ledger-script.js'
import { unitFileFunctions } from './unit-files.js'

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
export const armbianSwap = { unit: 'armbian-zram-config.service', file: '/etc/default/armbian-zram-config' }

/**
 * `swap_units` prints the units of type swap that the next boot would start and nothing masks: those of unit files,
 * and what systemd's generators would make of the disks (GPT), of fstab and of zram-generator's files as they are
 * now. A generator only writes below the directories it is given (systemd.generator(7)), so it may be asked at any
 * time; it answers nothing in a container, where the boot does nothing either. POSIX sh.
 */
const functions = `${unitFileFunctions}swap_units() {
  d=$(mktemp -d /run/kubestrap-boot.XXXXXX) || return 1
  mkdir "$d/n" "$d/e" "$d/l"
  for name in systemd-fstab-generator systemd-gpt-auto-generator zram-generator; do
    for dir in /etc/systemd/system-generators /usr/local/lib/systemd/system-generators /usr/lib/systemd/system-generators /lib/systemd/system-generators; do
      [ -x "$dir/$name" ] || continue
      "$dir/$name" "$d/n" "$d/e" "$d/l" >/dev/null 2>&1
      break
    done
  done
  made=$(find "$d" -name '*.swap' -type f) && files=$(unit_files -maxdepth 1 -name '*.swap' ! -type d) || {
    rm -rf -- "$d"
    return 1
  }
  printf '%s\\n' "$made" "$files" | sed 's|.*/||' | sort -u | while IFS= read -r u; do
    [ -z "$u" ] || unit_masked "$u" || printf '%s\\n' "$u"
  done
  rm -rf -- "$d"
}
is_enabled() { # unit: 0 it is, 1 it is not or there is none, 2 systemd does not say
  unit_there "$1" || return 1
  said=$(systemctl is-enabled "$1" 2>&1) && return 0
  case $(printf '%s\\n' "$said" | tail -n 1) in
  *'No such file'* | *'not found'* | *'does not exist'*) return 1 ;;
  *' '*) printf '%s\\n' "$said" >&2; return 2 ;;
  *) return 1 ;;
  esac
}
swap_services() {
  for u in ${swapServices.join(' ')}; do
    is_enabled "$u" && echo "$u" || [ $? = 1 ] || return 1
  done
}
armbian_swap() { # prints its unit when it makes swap
  is_enabled ${armbianSwap.unit} || { [ $? = 1 ]; return; }
  grep -qs '^[[:space:]]*SWAP=false' ${armbianSwap.file} || echo ${armbianSwap.unit}
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
echo @services; swap_services && armbian_swap || exit 1
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
services=$(swap_services) && armbian=$(armbian_swap) || exit 1
for u in $services; do
  remember disabled "$u" && remembered && systemctl disable --quiet --now "$u" || exit 1
done
if [ -n "$armbian" ]; then
  f=${armbianSwap.file}
  remember file "$f" && remembered && { grep -v '^[[:space:]]*SWAP=' "$f" 2>/dev/null; echo SWAP=false; } >"$f.kubestrap" && mv -f "$f.kubestrap" "$f" || exit 1
fi
units=$(swap_units) || exit 1
for u in $units; do
  remember masked "$u" && remembered && systemctl mask --quiet -- "$u" || exit 1
done
systemctl daemon-reload
swapoff -a
`
