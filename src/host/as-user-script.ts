/**
 * Shell functions for scripts that touch a directory which is not root's. What its owner put there (a link in the place
 * of a directory, a file that is none) must lead no further than he comes himself: root writes, reads and removes
 * nothing in it.
 *
 * - `home_of NAME`: prints the home of a user; nothing where there is none
 * - `as_user NAME SCRIPT [ARGUMENT…]`: SCRIPT by /bin/sh with its arguments, with the rights of that user and no others;
 *   standard input is passed on. Exit code 127 where the machine has no program for it.
 * - `owner_on_the_way PATH`: sets `owner` to the name or number of whoever owns the first directory or link above PATH
 *   that is not root's, '' where all are; and `through` to the first link from there on, '' where none is
 */
export const asUserFunctions = `
home_of() {
  { getent passwd "$1" 2>/dev/null || cat /etc/passwd; } | while IFS=: read -r name _ _ _ _ home _; do
    [ "$name" != "$1" ] || { printf '%s\\n' "$home"; break; }
  done
}
as_user() {
  as=$1 run=$2
  shift 2
  [ "$as" != root ] && [ "$as" != 0 ] || { /bin/sh -c "$run" sh "$@"; return; }
  if setpriv --help 2>/dev/null | grep -q -e --init-groups; then
    # an owner that has no name any more has no groups either
    if gid=$(id -g "$as" 2>/dev/null); then groups=--init-groups; else gid=$as groups=--clear-groups; fi
    setpriv --reuid="$as" --regid="$gid" "$groups" /bin/sh -c "$run" sh "$@"
  elif command -v runuser >/dev/null 2>&1; then runuser -u "$as" -- /bin/sh -c "$run" sh "$@"
  elif command -v su >/dev/null 2>&1; then su -s /bin/sh -c "$run" -- "$as" sh "$@"
  elif command -v sudo >/dev/null 2>&1; then sudo -n -u "$as" -- /bin/sh -c "$run" sh "$@"
  else
    echo "none of setpriv, runuser, su and sudo is here to act as $as" >&2
    return 127
  fi
}
owner_on_the_way() {
  # those of one directory are asked for once
  [ "\${1%/*}" != "\${asked-}" ] || return 0
  asked=\${1%/*} owner= through=
  rest=\${1#/} way=
  set --
  while :; do
    case $rest in */*) ;; *) break ;; esac
    way=$way/\${rest%%/*} rest=\${rest#*/}
    [ -e "$way" ] || [ -L "$way" ] || break
    set -- "$@" "$way"
  done
  [ $# -gt 0 ] || return 0
  for uid in $(stat -c %u -- "$@"); do
    [ -n "$owner" ] || [ "$uid" = 0 ] || owner=$(stat -c %U -- "$1")
    [ "$owner" != UNKNOWN ] || owner=$uid
    [ -z "$owner" ] || [ -n "$through" ] || [ ! -L "$1" ] || through=$1
    shift
  done
  # fewer answers than questions: could not look
  [ $# -eq 0 ]
}
`
