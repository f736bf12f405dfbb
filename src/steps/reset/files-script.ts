import { asUserFunctions } from '../../host/as-user-script.js'
import { beforeDirectory } from '../../host/ledger-script.js'
import { isSystemFunction } from '../../resources/ledger-line.js'

/**
 * Looks at ("$1" = look) or takes away ("$1" = do) what a ledger names; then pairs of kind and
 * subject. Looking prints what would be done, one "ACTION SUBJECT" a line; doing prints
 * "left PATH: …" for directories that still hold something, and for what lies behind a link of a user's: in a
 * directory that is not root's its owner looks and removes. May be cut anywhere and run again.
 *
 * A tree may be a link to where it lies, or a disk of its own: what it leads to is emptied, link, mount point and
 * lost+found stay, and a link to a directory of the system is not followed. `theirs` is a directory that may hold
 * what was there before us: what is in it is only named.
 */
export const filesScript = `${asUserFunctions}
doing=$1 before=${beforeDirectory} directories=
shift
${isSystemFunction}
contents() { find "$1" -mindepth 1 -maxdepth 1 ! -name lost+found; }
named() { echo "left $1: $(contents "$1" | sed 's|.*/||' | head -n 5 | tr '\\n' ' ')$2"; }
does() { [ "$doing" = do ] || { echo "$@"; return 1; }; }
same() {
  if [ -L "$1" ] || [ -L "$2" ]; then [ "$(readlink -- "$1")" = "$(readlink -- "$2")" ]
  else cmp -s -- "$1" "$2"; fi
}
there() { [ -e "$1" ] || [ -L "$1" ]; }
# in a directory of a user's: a file and what a write of ours left unfinished beside it
of_user() { # kind path
  if [ -n "$through" ]; then
    [ "$doing" = look ] || echo "left $2: $through on the way to it is a link"
  elif [ "$1" = replaced ] && [ -f "$before$2" ] && [ ! -L "$before$2" ]; then
    was=$(cat -- "$before$2")
    if [ "$(as_user "$owner" '[ ! -L "$1" ] && [ -f "$1" ] && head -c 1048576 "$1"' "$2")" != "$was" ] && does restore "$2"; then
      as_user "$owner" 'umask 077; cd "\${1%/*}" && rm -f "$1.kubestrap" && set -C && cat >"$1.kubestrap" && mv -f "$1.kubestrap" "$1"' "$2" <"$before$2"
    fi
  elif as_user "$owner" '[ -e "$1" ] || [ -L "$1" ]' "$2" && does remove "$2"; then as_user "$owner" 'rm -f "$1"' "$2"
  fi
}
is_enabled() { [ "$(systemctl is-enabled -- "$1" 2>/dev/null)" = enabled ]; }
set -e
while [ $# -gt 0 ]; do
  kind=$1 p=$2
  shift 2
  case $kind in
  enabled) if is_enabled "$p" && does unit "disable $p"; then systemctl disable --quiet -- "$p"; fi ;;
  disabled) if ! is_enabled "$p" && does unit "enable $p"; then systemctl enable --quiet -- "$p"; fi ;;
  masked) if [ "$(systemctl is-enabled -- "$p" 2>/dev/null)" = masked ] && does unit "unmask $p"; then systemctl unmask --quiet -- "$p"; fi ;;
  firewall)
    zone=\${p%% *} what=\${p#* }
    option=\${what%% *}=\${what#* }
    if systemctl is-active --quiet firewalld && firewall-cmd -q --permanent "--zone=$zone" "--query-$option" && does firewall "$p"; then
      firewall-cmd -q --permanent "--zone=$zone" "--remove-$option" && firewall-cmd -q "--zone=$zone" "--remove-$option" || :
    fi ;;
  tree)
    real=$(readlink -f -- "$p") && [ -d "$real" ] || continue
    [ -n "$(contents "$real")" ] || continue
    if is_system "$real"; then
      [ "$doing" = look ] || echo "left $p: a link to $real, a directory of the system"
    elif does empty "$p"; then
      find "$real" -xdev -mindepth 1 ! -path "$real/lost+found" ! -path "$real/lost+found/*" -delete || :
      [ -z "$(contents "$real")" ] || named "$real" 'could not be removed'
    fi ;;
  theirs)
    if [ "$doing" = do ] && real=$(readlink -f -- "$p") && [ -d "$real" ] && [ -n "$(contents "$real")" ]; then
      named "$real" 'was there before kubestrap; remove it if it is of no use'
    fi ;;
  directory) directories="$p
$directories" ;;
  created | replaced)
    owner_on_the_way "$p"
    if [ -n "$owner" ]; then of_user $kind "$p"; continue; fi
    for old in "\${p%/*}/.\${p##*/}.kubestrap-"*; do
      if [ -e "$old" ] && does remove "$old"; then rm -f -- "$old"; fi
    done
    if [ $kind = replaced ] && [ -e "$before$p" ]; then
      if ! same "$before$p" "$p" && does restore "$p"; then
        cp -Pp -- "$before$p" "$p.kubestrap" && mv -fT -- "$p.kubestrap" "$p"
        [ "$p" != /etc/hostname ] || cat "$p" >/proc/sys/kernel/hostname
      fi
    elif there "$p" && does remove "$p"; then rm -f -- "$p"
    fi ;;
  esac
done
# the deepest first: those above may be empty only then
printf '%s' "$directories" | awk '{ print length($0) " " $0 }' | sort -rn | cut -d' ' -f2- | while IFS= read -r d; do
  [ -d "$d" ] || continue
  owner_on_the_way "$d"
  if [ -n "$owner" ]; then
    if [ -n "$through" ] || [ -L "$d" ]; then continue; fi
    if as_user "$owner" '[ -z "$(ls -A "$1")" ]' "$d" && does rmdir "$d"; then as_user "$owner" 'rmdir "$1"' "$d" || :; fi
    continue
  fi
  if [ -z "$(ls -A -- "$d")" ]; then
    if does rmdir "$d"; then rmdir -- "$d" 2>/dev/null || :; fi
  elif [ "$doing" = do ]; then
    echo "left $d: $(ls -A -- "$d" | head -n 5 | tr '\\n' ' ')is not kubestrap's"
  fi
done
[ "$doing" = look ] || systemctl daemon-reload
`
