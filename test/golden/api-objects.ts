import { CORE_SCHEMA, load } from 'js-yaml'

export type Json = Readonly<Record<string, unknown>>

export interface DryRun {
  /** By "Kind name". */
  objects: ReadonlyMap<string, Json>
  /** Patches of nodes, in order; kubeadm prints their content up to 1.20 or so. */
  nodePatches: readonly Json[]
}

/** Reads kubeadm's `--dry-run` output: objects it would create, patches it would send. */
export function parseDryRun(text: string): DryRun {
  const objects = new Map<string, Json>()
  const nodePatches: Json[] = []
  const lines = text.split('\n').map((line) => line.replace(/^\t/, ''))
  for (let at = 0; at < lines.length; at += 1) {
    const heading = /^\[dryrun\] Attached (object|patch):$/.exec(lines[at] ?? '')
    if (!heading) continue
    const rest = lines.slice(at + 1)
    const end = rest.findIndex((line) => /^\[/.test(line))
    const document = load(rest.slice(0, end < 0 ? undefined : end).join('\n'), { schema: CORE_SCHEMA })
    if (!isJson(document)) throw new Error(`not an object after line ${at + 1}`)
    if (heading[1] === 'patch') nodePatches.push(document)
    // without its patch, what is printed of a Node is only what the fake client had
    else if (document.kind !== 'Node') objects.set(keyOf(document), document)
  }
  return { objects, nodePatches }
}

/** "Kind name" */
export function keyOf(object: Json): string {
  const { kind, metadata } = object
  if (!isJson(metadata)) throw new Error('no metadata')
  return `${kind} ${metadata.name}`
}

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
