/**
 * What the RPM database tells, on every system that has one. rpm(8): a query for what is not there exits 1 and says so on
 * standard output; a database that cannot be read says "error:" on standard error, and exits 1 too.
 */
export const rpmQueries = {
  /** By name, else by what a package provides: "iptables" is a package on some systems, and provided by iptables-nft on others. */
  installedPackages: `
for name in "$@"; do
  said=$(rpm -q --qf '%{VERSION}-%{RELEASE}\\n' -- "$name" 2>&1) ||
    said=$(rpm -q --whatprovides --qf '%{VERSION}-%{RELEASE}\\n' -- "$name" 2>&1)
  case $? in
  0) printf '%s %s\\n' "$name" "$(printf '%s\\n' "$said" | head -n 1)" ;;
  *) case $said in
    "no package provides $name") ;;
    *) printf '%s\\n' "$said" >&2; exit 1 ;;
    esac ;;
  esac
done
`,
  owningPackage: `
said=$(rpm -qf --qf '%{NAME}\\n' -- "$1" 2>&1) || case $said in
  "file $1 is not owned by any package") return 0 ;;
  *) printf '%s\\n' "$said" >&2; return 1 ;;
esac
printf '%s\\n' "$said"
`,
}

/**
 * Sets `configuration` to the names that packages "$@" leave behind where their files were changed: rpm keeps such a
 * file as NAME.rpmsave when it erases the package (rpm(8)). To be removed when the packages are.
 */
export const savedConfiguration = `
configuration=$(rpm -qc -- "$@" 2>/dev/null | sed -n 's|^/.*|&.rpmsave|p')
`

export const withoutSavedConfiguration = `
printf '%s\\n' "$configuration" | while IFS= read -r f; do [ -z "$f" ] || rm -f -- "$f"; done
`
