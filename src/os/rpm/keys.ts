/**
 * rpm has one set of keys for packages of every repository, and names each "gpg-pubkey-ID-TIME": the end of its
 * fingerprint, or the whole one (rpm 6), and when it was made, in hexadecimal (rpmkeys(8)).
 */
const name = "'%{NAME}-%{VERSION}-%{RELEASE}\\n'"

/** What rpm will call a key is seen in a database of its own, before the system's has it; one that is there already is not ours. */
export const trustKey = `
scratch=$(mktemp -d) || exit 1
trap 'rm -rf -- "$scratch"' EXIT
rpm --dbpath "$scratch" --import "$2" || exit 1
wanted=$(rpm --dbpath "$scratch" -qa --qf ${name} gpg-pubkey) || exit 1
there=$(rpm -qa --qf ${name} gpg-pubkey) || exit 1
[ -n "$wanted" ] || { echo "rpm finds no key in $2" >&2; exit 1; }
for key in $wanted; do
  printf '%s\\n' "$there" | grep -qxF -e "$key" || { remember key "$key" && printf '%s\\n' "$key"; } || exit 1
done
remembered || exit 1
rpm --import "$2" >&2
`

export const trustedKeys = `
there=$(rpm -qa --qf ${name} gpg-pubkey) || exit 1
for key in "$@"; do ! printf '%s\\n' "$there" | grep -qxF -e "$key" || printf '%s\\n' "$key"; done
exit 0
`

/** rpm 6 has keys erased by their fingerprint alone (rpmkeys(8), --delete since 4.20); before, a key is erased as a package is. */
export const distrustKeys = `
for key in "$@"; do
  said=$(rpm -e --allmatches -- "$key" 2>&1) && continue
  id=\${key#gpg-pubkey-}
  rpmkeys --delete "\${id%-*}" >/dev/null 2>&1 || { printf '%s\\n' "$said" >&2; exit 1; }
done
exit 0
`
