import { type Context, nodes } from '../cluster/context.js'
import { kubeletUnit } from '../cluster/kubelet-unit.js'
import type { Machine } from '../cluster/machine.js'
import type { Phase } from '../engine/phase.js'
import { archiveTools } from '../host/facts/facts.js'
import { binary } from '../resources/binary.js'
import type { Program } from '../sources/program.js'
import { downloadNeeds } from '../steps/host/proxy-settings.js'
import { kubernetesPackageSteps, repositoryFor } from '../steps/programs/kubernetes-packages.js'
import { projectsFetched } from '../steps/programs/release-steps.js'
import { stagedBinary } from '../steps/programs/staged-binary.js'
import { inTurn } from '../steps/rollout/in-turn.js'
import { nodeTransaction } from '../steps/rollout/node-transaction.js'
import { nodeTurn } from '../steps/rollout/node-turn.js'

/**
 * INPUTS: the programs of the run, by sources.kubernetes.
 * OUTPUTS: kubelet and kubectl on every node, and programs of the runtime. The phase waits for nothing, as the
 * programs are large; only a host that lacks what a download requires waits for its packages.
 */
export const binaries: Phase<Context> = {
  id: 'binaries',
  title: 'Binaries',
  about:
    'kubelet and kubectl: sent from the bundle, downloaded by each host, or as packages; hosts that have them already receive nothing.',
  steps: (context) =>
    nodes(context).flatMap((machine) => {
      const repository = repositoryFor(context, machine)
      const turn = nodeTurn(context, machine)
      const packaged = repository ? kubernetesPackageSteps(machine, repository, turn) : []
      const names = [...(repository ? [] : programNames), ...context.runtime.programs]
      return [
        ...packaged,
        ...names.flatMap((name) => {
          const program = programFor(context, machine, name)
          const wish = {
            program,
            path: `/usr/bin/${name}`,
            marks: marksOf(name, context),
            needs: program.origin.kind === 'url' ? downloadNeeds(machine) : [],
          }
          if (turn && programNames.includes(name)) return stagedBinary(machine.host, { ...wish, turn })
          const [unit] = context.runtime.programMarks
          if (unit === undefined || programNames.includes(name) || !nodeTransaction(context, machine))
            return [binary(machine.host, wish)]
          const [brought, replaced] = stagedBinary(machine.host, { ...wish, turn: {} })
          return [brought, inTurn(context, machine, replaced, { unit })]
        }),
      ]
    }),
}

const programNames = ['kubelet', 'kubectl']

const programFor = ({ programs }: Context, { facts, release }: Machine, name: string): Program =>
  programs.program(name, facts.arch, release.wanted.version)

/** Packages without which a node cannot fetch its programs: none where it has them, or fetches nothing. */
export const fetchPackages = (context: Context, machine: Machine): readonly string[] => {
  const { lacksForDownloads } = machine.facts
  // containerd and the CNI plug-ins are archives
  if (projectsFetched(context).length > 0) return lacksForDownloads
  if (repositoryFor(context, machine)) return []
  const programs = programNames.map((name) => programFor(context, machine, name))
  return programs.some(({ origin }) => origin.kind === 'url')
    ? lacksForDownloads.filter((name) => !archiveTools.includes(name))
    : []
}

function marksOf(name: string, { runtime }: Context): readonly string[] {
  if (name === 'kubelet') return [kubeletUnit]
  return runtime.programs.includes(name) ? runtime.programMarks : []
}
