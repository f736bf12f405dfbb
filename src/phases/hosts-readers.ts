import { type Context, nodes } from '../cluster/context.js'
import type { Machine } from '../cluster/machine.js'
import type { Phase } from '../engine/phase.js'
import type { Change, Step } from '../engine/step.js'
import { containerMark, markDirectory } from '../resources/marks.js'

/** The container that reaches the API by the endpoint's name and resolves it by its own copy of /etc/hosts. */
const reader = 'kube-proxy'

/** The mark that an edit of /etc/hosts leaves for it. */
export const hostsReaderMark = containerMark(reader)

interface Readers {
  /** /etc/hosts was edited since it started. */
  marked: boolean
  running: boolean
  /** It was restarted in this run. */
  restarted: boolean
}

/**
 * INPUTS: the marks that an edit of /etc/hosts left.
 * OUTPUTS: kube-proxy with the current address of the endpoint. The kubelet copies the node's /etc/hosts for each
 * container of a Pod on the host network when the container starts (pkg/kubelet, ensureHostsFile), and never
 * again: Services would freeze when the host with the old address goes.
 */
export const hostsReaders: Phase<Context> = {
  id: 'hosts-readers',
  title: 'Readers of /etc/hosts',
  about: 'Restarts kube-proxy, one node at a time, where the address of the API endpoint changed.',
  steps: (context) => nodes(context).map((machine) => restarted(context, machine)),
}

function restarted({ runtime }: Context, { host }: Machine): Step<Readers> {
  const mark = `${markDirectory}/${hostsReaderMark}`
  return {
    id: `container:${reader}`,
    title: `${reader} knows /etc/hosts`,
    target: host.name,
    // the kubelet starts it at once, or after ten seconds when it has just started it
    settle: { withinMs: 60_000, everyMs: 500 },
    restarts: { of: 'container', name: reader },
    probe: async (look) => {
      const again = look?.applied ?? false
      const answer = await host.read({
        what: `does ${reader} know /etc/hosts`,
        script: `[ -e "$2" ] || [ -n "$3" ] || { echo known; exit 0; }
[ ! -e "$2" ] || echo marked
ids=$( ${runtime.podContainersScript} ) || exit 1
[ -z "$ids" ] || echo running`,
        args: [reader, mark, again ? 'restarted' : ''],
        timeoutMs: 30_000,
      })
      if (answer.code !== 0) throw new Error(`cannot look for ${reader}: ${answer.stderr}`)
      const said = answer.stdout.toString().split('\n')
      return { marked: said.includes('marked'), running: said.includes('running'), restarted: again }
    },
    diff: ({ marked, running, restarted: again }): Change[] => {
      if (marked)
        return [{ kind: 'restart', summary: `restart ${reader}: its copy of /etc/hosts is out of date` }]
      return running || !again ? [] : [{ kind: 'wait', summary: `wait for ${reader} to run again` }]
    },
    apply: async () => {
      await host.mutate({
        what: `restart ${reader}`,
        script: `( set -- "$1"
${runtime.restartPodScript}
) || exit 1
rm -f -- "$2"`,
        args: [reader, mark],
        timeoutMs: 60_000,
      })
    },
    disrupts: () => 'node',
  }
}
