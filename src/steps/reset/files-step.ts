import { type Context, runtimeSettings } from '../../cluster/context.js'
import { kubeletDirectory } from '../../cluster/kubelet-unit.js'
import { isControlPlane, isEtcdHost, isNode, type Machine } from '../../cluster/machine.js'
import type { Change, Need, Step } from '../../engine/step.js'
import { beforeDirectory } from '../../host/ledger-script.js'
import { visibleLine } from '../../lib/visible.js'
import type { LedgerEntry } from '../../resources/ledger.js'
import { isSystemDirectory } from '../../resources/ledger-line.js'
import { textDiff } from '../../resources/text-diff.js'
import { releasedTrees } from '../programs/release-steps.js'
import { byLedger, type Ledger } from './by-ledger.js'
import { type Undo, undoEdit } from './edits.js'
import { filesScript } from './files-script.js'
import { trees } from './stopped-step.js'

interface Left {
  /** Lines "ACTION PATH" the script would act on. */
  actions: readonly string[]
  edits: readonly { path: string; undo: Undo }[]
}

/** No file, link, directory or unit setting of ours is on the machine; what they replaced is back. */
export function filesStep(
  context: Context,
  machine: Machine,
  ledger: Ledger,
  options: { packages: boolean; onLeft(host: string, what: string): void },
  needs: readonly Need[],
): Step<Left> {
  const { runtime } = context
  const { host } = machine
  const run = (doing: 'look' | 'do', entries: readonly LedgerEntry[]) => ({
    what: `${doing === 'look' ? 'look for' : 'remove'} files of kubestrap`,
    script: filesScript,
    args: [doing, ...subjects(entries), ...theirs(context, machine, entries)],
    timeoutMs: 60_000,
  })
  const look = async (entries: readonly LedgerEntry[]): Promise<Left> => {
    const [answer, edits] = await Promise.all([
      host.read(run('look', entries)),
      Promise.all(
        entries
          .filter(({ kind }) => kind === 'edit')
          .map(async ({ subject: path, detail }) => {
            const [now, before] = await Promise.all([
              host.stat(path, { content: true }),
              host.stat(`${beforeDirectory}${path}`),
            ])
            const wrote = entries.find(({ kind, subject }) => kind === 'wrote' && subject === path)?.detail
            return { path, undo: undoEdit(path, { created: detail === 'created', wrote }, now, before) }
          }),
      ),
    ])
    if (answer.code !== 0) throw new Error(`could not check the files of kubestrap: ${answer.stderr}`)
    return { actions: answer.stdout.toString().split('\n').filter(Boolean), edits }
  }
  const probe = () => byLedger<Left>(ledger, { actions: [], edits: [] }, look)
  return {
    id: 'reset:files',
    title: 'files',
    target: host.name,
    needs,
    probe,
    diff: ({ actions, edits }) => [...editChanges(edits), ...fileChanges(actions)],
    apply: async () => {
      const { edits } = await probe()
      for (const { path, undo } of edits) {
        if (undo.kind === 'write')
          await host.write({ path, content: undo.after, mode: undo.mode, owner: undo.owner, ledger: 'none' })
        else if (undo.kind === 'leave')
          options.onLeft(
            host.name,
            `${path}: changed since kubestrap edited it; remove by hand what is not wanted`,
          )
      }
      // what is as we left it is treated like a file of ours
      const undone = new Map(edits.map(({ path, undo }) => [path, undo.kind]))
      const entries = (await ledger()).map((entry): LedgerEntry => {
        const kind = entry.kind === 'edit' ? undone.get(entry.subject) : undefined
        if (kind === 'remove') return { ...entry, kind: 'file', detail: 'created' }
        return kind === 'restore' ? { ...entry, kind: 'file', detail: 'replaced' } : entry
      })
      const said = await host.mutate(run('do', entries))
      for (const line of said.stdout.toString().split('\n'))
        if (line.startsWith('left ')) options.onLeft(host.name, line.slice(5))
      const configuration = new Set(
        runtime.configuration(machine, runtimeSettings(context, machine)).map(({ id }) => id),
      )
      const changed = edits.some(
        ({ path, undo }) =>
          undo.kind !== 'nothing' && [`file:${path}`, `edit:${path}`].some((id) => configuration.has(id)),
      )
      if (changed && !options.packages)
        await host.mutate({
          what: `systemctl restart ${runtime.unit}`,
          script: '! systemctl is-active --quiet "$1" || systemctl restart -- "$1"',
          args: [runtime.unit],
          timeoutMs: 120_000,
        })
    },
  }
}

/** Directories of the cluster's data that the ledger does not know as ours: they held something when we came. */
function theirs(context: Context, machine: Machine, entries: readonly LedgerEntry[]): string[] {
  const { spec } = context
  const known = trees(entries)
  const member = isEtcdHost(machine) || (isControlPlane(machine) && !spec.etcd.external)
  return [
    ...(isNode(machine) ? [kubeletDirectory, ...releasedTrees(context)] : []),
    ...(member ? [spec.etcd.dataDir] : []),
  ]
    .filter((path) => !known.includes(path))
    .flatMap((path) => ['theirs', path])
}

/** The script's arguments. Units first: systemd finds their links by the files that are about to go. */
function subjects(entries: readonly LedgerEntry[]): string[] {
  const isUnit = ({ kind }: LedgerEntry): boolean => ['enabled', 'disabled', 'masked'].includes(kind)
  return [...entries.filter(isUnit), ...entries.filter((entry) => !isUnit(entry))].flatMap((entry) => {
    const { kind, subject, detail } = entry
    if (kind === 'file') return [detail === 'replaced' ? 'replaced' : 'created', subject]
    // version 0.1.0 noted /lib/modules where there was none
    if (kind === 'directory' && isSystemDirectory(subject)) return []
    const more = kind === 'tree' || kind === 'directory' || kind === 'firewall'
    return isUnit(entry) || more ? [kind, subject] : []
  })
}

function editChanges(edits: Left['edits']): Change[] {
  return edits.flatMap(({ path, undo }): Change[] => {
    if (undo.kind === 'write')
      return [
        {
          kind: 'update',
          summary: `remove kubestrap's part of ${path}`,
          diff: textDiff(path, undo.before, undo.after),
        },
      ]
    if (undo.kind === 'restore') return [{ kind: 'update', summary: `restore ${path}` }]
    return undo.kind === 'remove' ? [{ kind: 'remove', summary: `remove ${path}` }] : []
  })
}

function fileChanges(actions: readonly string[]): Change[] {
  if (actions.length === 0) return []
  const of = (action: string): string[] =>
    actions.flatMap((line) => (line.startsWith(`${action} `) ? [line.slice(action.length + 1)] : []))
  const parts = [
    ['remove', 'remove', 'files'],
    ['restore', 'restore', 'files'],
    ['empty', 'empty', 'directories'],
    ['rmdir', 'remove', 'empty directories'],
    ['unit', 'reset', 'unit settings'],
    ['firewall', 'close', 'openings of firewalld'],
  ] as const
  // one is named: of a file that comes back after it was removed the name says whose it is
  const summary = parts
    .flatMap(([action, verb, what]) => {
      const [first, ...more] = of(action)
      if (first === undefined) return []
      return [more.length === 0 ? `${verb} ${visibleLine(first)}` : `${verb} ${more.length + 1} ${what}`]
    })
    .join(', ')
  return [{ kind: 'remove', summary, diff: actions.join('\n') }]
}
