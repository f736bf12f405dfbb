import type { Change, Need, Step } from '../engine/step.js'
import type { Host } from '../host/host.js'
import { UserError } from '../lib/errors.js'

/** The type of files that containers read and write (container-selinux). */
const containerFiles = 'container_file_t'

export interface SelinuxWish {
  /** Directories that get the label the policy has for them, with all that is in them. */
  directories: readonly string[]
  /** Of these, the one that containers write to: the policy has no label of its own for it. */
  data?: string
}

interface SelinuxState {
  /** The policy has no rule for the data directory. */
  ruleMissing: boolean
  /** Directories that are not there yet or have other labels. */
  wrong: readonly string[]
}

/**
 * matchpathcon(8) -n: the label the policy has for a path; restorecon(8) -n -v: what it would relabel, changing nothing.
 * It leaves types alone that are customizable, among them the containers' own.
 */
const probeScript = `
data=$1
shift
if [ -n "$data" ]; then
  label=$(matchpathcon -n "$data") || exit 1
  case $label in *:${containerFiles}:* | *:${containerFiles}) ;; *) echo rule ;; esac
fi
for d in "$@"; do
  if [ -d "$d" ]; then
    said=$(restorecon -n -R -v "$d") || exit 1
    [ -z "$said" ] || echo "wrong $d"
  else echo "wrong $d"
  fi
done
echo end
`

/** semanage-fcontext(8): -a adds a rule, and fails where one is there, which -m changes. */
const applyScript = `
data=$1
shift
if [ -n "$data" ]; then
  # a regular expression
  rule="$(printf %s "$data" | sed 's/[.+]/\\\\&/g')(/.*)?"
  semanage fcontext -a -t ${containerFiles} "$rule" 2>/dev/null ||
    semanage fcontext -m -t ${containerFiles} "$rule" || exit 1
fi
restorecon -R "$@"
`

/** Directories of a node with the labels that SELinux's policy has for them. */
export function selinuxLabels(
  host: Host,
  { directories, data = '' }: SelinuxWish,
  needs: readonly Need[],
): Step<SelinuxState> {
  return {
    id: 'selinux-labels',
    title: 'SELinux labels',
    target: host.name,
    needs,
    probe: async () => {
      const answer = await host.read({
        what: 'look at SELinux labels',
        script: probeScript,
        args: [data, ...directories],
        timeoutMs: 60_000,
      })
      const lines = answer.stdout.toString().trimEnd().split('\n')
      if (answer.code !== 0 || lines.at(-1) !== 'end')
        throw new UserError('step', 'could not check SELinux labels', {
          host: host.name,
          why: answer.stderr.trim(),
        })
      return {
        ruleMissing: lines.includes('rule'),
        wrong: lines.flatMap((line) => /^wrong (.+)$/.exec(line)?.[1] ?? []),
      }
    },
    diff: ({ ruleMissing, wrong }): Change[] => [
      ...(ruleMissing
        ? [{ kind: 'update' as const, summary: `set the SELinux label of ${data} to ${containerFiles}` }]
        : []),
      ...(wrong.length > 0
        ? [{ kind: 'update' as const, summary: `restore the SELinux labels of ${wrong.join(', ')}` }]
        : []),
    ],
    apply: async () => {
      await host.mutate({
        what: 'set SELinux labels',
        script: applyScript,
        args: [data, ...directories],
        timeoutMs: 120_000,
      })
    },
  }
}
