/** Rules and chains of kube-proxy, the kubelet and CNI plug-ins: all of them carry these names. */
const ours = '-e KUBE- -e CNI-'

// the variant the system chose (nft or legacy) is the one the components used
const programs = 'iptables ip6tables'

/** Prints how many lines of the rule set are theirs. POSIX sh. */
export const countRulesScript = `
for p in ${programs}; do
  ! command -v $p-save >/dev/null || $p-save 2>/dev/null
done | grep -c ${ours} || :
`

/** The rule set without them; everybody else's rules stay as they are. POSIX sh. */
export const cleanRulesScript = `
for p in ${programs}; do
  command -v $p-save >/dev/null || continue
  all=$($p-save) || exit 1
  case $all in *KUBE-* | *CNI-*) printf '%s\\n' "$all" | grep -v ${ours} | $p-restore || exit 1 ;; esac
done
`
