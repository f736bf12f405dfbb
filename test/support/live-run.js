// A run of the engine on made-up hosts with the reporting of the command line, for tests in a terminal; needs dist.
// node test/support/live-run.js MODE HOSTS STEP_MS
import { setTimeout as sleep } from 'node:timers/promises'
import { withReporting } from '../../dist/cli/with-reporting.js'
import { buildGraph } from '../../dist/engine/graph.js'
import { makePlan } from '../../dist/engine/plan.js'
import { refOf, runPlan } from '../../dist/engine/run.js'
import { print, tell } from '../../dist/ui/screen.js'

const [mode, hosts, stepMs] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])]
const names = Array.from({ length: hosts }, (_, i) => `w${i + 1}`)
const wide = '你好 '.repeat(40)

/** A step that takes its time; what it finds before it was applied differs. */
function step(target, id, needs) {
  let made = false
  return {
    id,
    title: `${id} of ${target}`,
    target,
    ...(needs ? { needs } : {}),
    probe: async () => made,
    diff: (there) => (there ? [] : [{ kind: 'create', summary: `write /etc/${id}.conf` }]),
    apply: async (_changes, { progress }) => {
      await sleep(stepMs * (0.5 + Math.random()))
      progress(`half of it, \u001b[2J${wide}`)
      await sleep(stepMs * (0.5 + Math.random()))
      if (mode === 'failing' && target === 'w1' && id === 'unit') throw new Error('the unit did not start')
      if (mode === 'bug' && target === 'w1' && id === 'unit') throw new TypeError('made up')
      if (mode === 'crash' && target === 'w1' && id === 'unit')
        setImmediate(() => {
          throw new Error('nobody catches this')
        })
      made = true
    },
  }
}

const phase = (id, title, ids) => ({
  id,
  title,
  about: title,
  steps: () => names.flatMap((name) => ids.map((one) => step(name, one))),
})
const phases = [
  phase('host', 'Host prerequisites', ['modules', 'parameters']),
  phase('runtime', 'Container runtime', ['settings', 'unit']),
  phase('kubelet', 'Kubelet', ['config', 'service']),
]

tell(`the terminal is ${process.env.KS_TTY} of process ${process.pid}\n`)
process.exitCode = await withReporting({ output: 'auto', 'log-file': 'none' }, async (reporting) => {
  const { emit, now, signal } = reporting
  const graph = buildGraph(phases, undefined)
  const plan = await makePlan(graph)
  const steps = graph.nodes.map(refOf)
  emit({ type: 'run-started', at: now(), workflow: 'up', phases: graph.phases, steps })
  const { summary, errors } = await runPlan(graph, plan, { emit, now, signal, sleep })
  return {
    exitCode: errors.length > 0 ? 6 : 0,
    summary,
    lastWords: () => print('the last words\n'),
  }
}).catch((error) => {
  tell(`a bug: ${error.message}\n`)
  return 1
})
