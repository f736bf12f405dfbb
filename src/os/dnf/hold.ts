/**
 * The plug-in versionlock of dnf 4 (python3-dnf-plugin-versionlock) and the command of dnf 5. Its list has entries of
 * the form NAME-EPOCH:VERSION-RELEASE.*; that of dnf 5 is told by "Package name: NAME".
 */
export const holding = {
  heldPackages: `
said=$(dnf -q versionlock list 2>&1) || {
  # without the plug-in nothing is held by it
  case $said in *[Nn]'o such command'* | *'Unknown argument "versionlock"'*) exit 0 ;; esac
  printf '%s\\n' "$said" >&2
  exit 1
}
for name in "$@"; do
  own=$(rpm -q --whatprovides --qf '%{NAME}\\n' -- "$name" 2>/dev/null | head -n 1)
  printf '%s\\n' "$said" | awk -v name="$own" -v asked="$name" '
    $0 == "Package name: " name || (index($0, name "-") == 1 && substr($0, length(name) + 2) ~ /^([0-9]+|[*]):[^-]+-[^-]+$/) { print asked; exit }'
done
exit 0
`,
  holdPackages: `
for name in "$@"; do
  own=$(rpm -q --whatprovides --qf '%{NAME}\\n' -- "$name") || { printf '%s\\n' "$own" >&2; exit 1; }
  dnf -q versionlock add -- "$(printf '%s\\n' "$own" | head -n 1)" || exit 1
done
`,
  releasePackages: `
for name in "$@"; do
  own=$(rpm -q --whatprovides --qf '%{NAME}\\n' -- "$name") || { printf '%s\\n' "$own" >&2; exit 1; }
  dnf -q versionlock delete -- "$(printf '%s\\n' "$own" | head -n 1)" || exit 1
done
`,
}
