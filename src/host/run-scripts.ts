import { visibleLine } from '../lib/visible.js'
import { epoch, lostEpoch } from './mutate-script.js'
import { type LockOwner, parseOwner, tellRunLock } from './run-lock.js'
import { clearTransfers } from './transfer/serve-script.js'
import { lock, tellUnderWay, underWay } from './under-way.js'

/** "EPOCH WORDS" of the run that has taken the host over and has not let it go: it is at work, or was killed. */
const owner = '/run/kubestrap/owner'

/** Prints what is known of runs: "epoch E" of the last, "owner E WORDS" of one that has not ended. */
const tellRuns = `
[ ! -s ${epoch} ] || printf 'epoch %s\\n' "$(head -n 1 ${epoch} | cut -c1-64)"
[ ! -s ${owner} ] || printf 'owner %s\\n' "$(head -n 1 ${owner} | cut -c1-300)"
`

/** Looks who is at work and changes nothing; waits at most "$1" seconds for what is under way, and says "busy" when it is still. */
export const atWorkScript = `
if [ -e ${lock} ]; then
  exec 9<${lock} || exit 1
  if [ "$1" -gt 0 ]; then flock -w "$1" 9; else flock -n 9; fi || {
    echo busy
    ${tellUnderWay}
  }
  exec 9<&-
fi
${tellRuns}
${tellRunLock}
echo end
`

/**
 * Waits at most "$2" seconds for predecessors' scripts to end, then makes "$1" the host's run, "$3" its words. Prints
 * whose it was, and when it had to wait "busy" and for what. What was noted in the lock is of that run, and goes; so does
 * what a run that was cut gave on to other hosts. With a "$4" only a host that is still as it was seen: its last run was "$4"
 * ("none": none), or is this one by now, and has let it go; what is so is told in any case.
 */
export const takeOverScript = `
mkdir -p -m 0700 /run/kubestrap || exit 1
exec 9>>${lock} || exit 1
flock -n 9 || {
  echo busy
  ${tellUnderWay}
  flock -w "$2" 9 || { find /proc/[0-9]*/fd -lname ${lock} 2>/dev/null | cut -d/ -f3 | sort -u | while read -r p; do tr '\\0' ' ' <"/proc/$p/cmdline" | cut -c1-120; echo; done >&2; exit ${lostEpoch}; }
}
${tellRuns}
if [ -n "$4" ]; then
  last=$(head -n 1 ${epoch} 2>/dev/null)
  [ "$last" = "$1" ] || { [ "\${last:-none}" = "$4" ] && [ ! -s ${owner} ]; } || { echo changed; exit ${lostEpoch}; }
fi
${clearTransfers}
: >${lock}
printf '%s %s\\n' "$1" "$3" >${owner}.new && mv -f ${owner}.new ${owner} || exit 1
printf '%s\\n' "$1" >${epoch}.new && mv -f ${epoch}.new ${epoch} || exit 1
echo end
`

/** The run "$1" has ended: the host is nobody's, unless another has it by now. */
export const letGoScript = `
# a reset has taken it away
[ -e ${lock} ] || exit 0
exec 9>>${lock} || exit 1
flock -s -w 5 9 || exit 1
[ "$(cat ${epoch} 2>/dev/null)" = "$1" ] || exit 0
rm -f ${owner}
`

/** What is known of the runs of a host. */
export interface AtWork {
  /** Of the last run that took it over; '' when none has since it booted. */
  epoch: string
  /** Words of one that took it over and has not let it go: it is at work, or was killed. */
  owner: string | undefined
  /** A change was under way. */
  busy: boolean
  /** What that change is, and for how long it has been at work; undefined when its run did not say (version 0.1.0). */
  doing?: string | undefined
  /** Of a control plane node: the run that changes the cluster, or one that did and ended without a farewell. */
  run?: (LockOwner & { held: boolean }) | undefined
}

/** The answer of these scripts; undefined when it is not whole. */
export function parseAtWork(stdout: string): AtWork | undefined {
  const lines = stdout.split('\n')
  if (!lines.includes('end')) return undefined
  const after = (word: string): string | undefined =>
    lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1)
  const owned = after('owner')
  const [, state, run] = /^(held|left) (.*)$/.exec(after('run') ?? '') ?? []
  return {
    epoch: after('epoch') ?? '',
    // the epoch goes before the words
    owner: owned === undefined ? undefined : visibleLine(owned.replace(/^\S* ?/, '')),
    busy: lines.includes('busy'),
    doing: underWay(stdout),
    ...(run === undefined ? {} : { run: { ...parseOwner(run), held: state === 'held' } }),
  }
}

/** What `takeOverScript` says of a host that is not as it was seen. */
export const isChanged = (stdout: string): boolean => stdout.split('\n').includes('changed')
