import { armbianSwap, swapServices } from './swap-script.js'
import { unitFileFunctions } from './unit-files.js'

/**
 * Prints programs that the next boot runs and that speak of swapon, of which nothing here knows what they do: scripts of enabled
 * services, rc.local and crontabs. Programs that are no text are not looked into. Unit files are read from the disk;
 * systemd is asked about those alone that name such a program: whether they are enabled, and what they start, drop-ins
 * and all. Fails when that cannot be found out. POSIX sh with awk.
 */
export const swappersScript = `
known=' ${[...swapServices, armbianSwap.unit].join(' ')} '
tab=$(printf '\\t')
${unitFileFunctions}
# "FILE<tab>WORD" for each path on a line of ExecStart, and for swapon itself
exec_words() {
  tr '\\n' '\\0' | xargs -0 -r awk '
    FNR == 1 { line = "" }
    { sub(/\\r$/, ""); line = line $0 }
    line ~ /\\\\$/ { sub(/\\\\$/, " ", line); next }
    line ~ /^[ \\t]*ExecStart[ \\t]*=/ {
      if (line ~ /swapon/) print FILENAME "\\tswapon"
      sub(/^[^=]*=/, "", line)
      n = split(line, words, /[ \\t"\\047;=]+/)
      for (i = 1; i <= n; i++) { sub(/^[-@:+!|]+/, "", words[i]); if (words[i] ~ /^\\//) print FILENAME "\\t" words[i] }
    }
    { line = "" }'
}
swappers_of() { # unit: it is enabled, and what it starts is what was found
  state=$(systemctl is-enabled -- "$1" 2>&1)
  case $state in
  enabled) ;;
  *' '*) printf '%s\\n' "$state" >&2; return 1 ;;
  *) return 0 ;;
  esac
  starts=$(systemctl show -p ExecStart --value -- "$1") || return 1
  for p in swapon $scripts; do
    case $starts in *"$p"*) echo "swapper $1"; return 0 ;; esac
  done
}
files=$(unit_files -maxdepth 2 \\( -path '*.service.d/*.conf' -o -name '*.service' ! -path '*.wants/*' ! -path '*.requires/*' ! -path '*.upholds/*' \\) ! -type d) || exit 1
words=$(printf '%s\\n' "$files" | exec_words) || exit 1
scripts=$(printf '%s\\n' "$words" | cut -f2 | sort -u | grep '^/' | tr '\\n' '\\0' | xargs -0 -r grep -lIs swapon -- |
  while IFS= read -r p; do [ "$(head -c 2 -- "$p")" != '#!' ] || printf '%s\\n' "$p"; done)
units=$(printf '%s\\n' "$words" | while IFS=$tab read -r f w; do
  case $w in
  '') continue ;;
  swapon) ;;
  *) case "
$scripts
" in *"
$w
"*) ;; *) continue ;; esac ;;
  esac
  case $f in *.service.d/*) f=\${f%.d/*} ;; esac
  printf '%s\\n' "\${f##*/}"
done | sort -u)
for u in $units; do
  case $known in
  *" $u "*) ;;
  *) case $u in
    # of a template those instances that something wants
    *@.service) for i in $(unit_files -mindepth 2 -maxdepth 2 -path '*.wants/*' -name "\${u%.service}*.service" | sed 's|.*/||' | sort -u); do swappers_of "$i" || exit 1; done ;;
    *) swappers_of "$u" || exit 1 ;;
    esac ;;
  esac
done
[ -x /etc/rc.local ] && grep -qs '^[^#]*swapon' /etc/rc.local && echo 'swapper /etc/rc.local'
for f in /etc/crontab /etc/cron.d/* /var/spool/cron/crontabs/root /var/spool/cron/root; do
  [ -f "$f" ] && grep -qs '^@reboot.*swapon' "$f" && echo "swapper $f"
done
`
