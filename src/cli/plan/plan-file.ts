import { z } from 'zod'
import { messageOf, UserError } from '../../lib/errors.js'

/** Lower-case hex SHA-256. */
const digest = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in lower-case hex')

const effect = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('restart'),
    of: z.enum(['unit', 'container']),
    name: z.string(),
    afterDrain: z.literal(true).optional(),
  }),
  z.strictObject({ kind: z.literal('reload'), of: z.literal('unit'), name: z.string() }),
  z.strictObject({ kind: z.literal('recreate'), of: z.enum(['static-pod', 'workload']), name: z.string() }),
  z.strictObject({ kind: z.literal('remark'), text: z.string() }),
])

const change = z.strictObject({
  kind: z.string(),
  subjects: z.array(z.string()).optional(),
  summary: z.string(),
  diff: z.string().optional(),
  effects: z.array(effect).optional(),
})

const place = { key: z.string().min(1), host: z.string(), phase: z.string(), title: z.string() }

const step = z.discriminatedUnion('kind', [
  z.strictObject({ ...place, kind: z.literal('differs'), changes: z.array(change).min(1), digest }),
  z.strictObject({ ...place, kind: z.literal('unknown'), why: z.string() }),
])

/** The schema of format 1; docs/plan.md describes every field. */
export const planFileSchema = z.strictObject({
  format: z.literal(1),
  /** Version of kubestrap. */
  kubestrap: z.string(),
  /** When the plan was made, RFC 3339. For people. */
  made: z.string(),
  /** File as it was named, and SHA-256 of its text and of all it includes. */
  inventory: z.strictObject({ file: z.string(), sha256: digest }),
  /** Fingerprints of the CA's certificates; null: there was no cluster. */
  cluster: z.strictObject({ ca: z.array(digest) }).nullable(),
  /** Names of the hosts that the plan is limited to; null: all. */
  limit: z.array(z.string()).nullable(),
  /** Random; the digests of steps are made with it. */
  salt: digest,
  steps: z.array(step),
})

export type PlanFile = z.infer<typeof planFileSchema>
export type PlannedStep = PlanFile['steps'][number]

/**
 * From the text of a file to a plan. Pure.
 * @param file as messages name it
 * Throws UserError('usage') with the place of what is wrong.
 */
export function decodePlanFile(text: string, file: string): PlanFile {
  const value = parsed(text, file)
  if (typeof value !== 'object' || value === null || !('format' in value) || !('steps' in value))
    throw broken(file, 'is no plan of kubestrap', 'it has no format and steps')
  if (value.format !== 1)
    throw new UserError('usage', `${file}: format ${JSON.stringify(value.format)} is not known`, {
      why: 'this version of kubestrap reads format 1',
      next: `use the version of kubestrap that wrote it, or ${again}`,
    })
  const decoded = planFileSchema.safeParse(value)
  if (!decoded.success) {
    const [issue] = decoded.error.issues
    throw broken(file, `${pathOf(issue?.path ?? [])}: ${issue?.message ?? 'is wrong'}`)
  }
  const keys = new Set<string>()
  for (const [i, { key }] of decoded.data.steps.entries()) {
    if (keys.has(key)) throw broken(file, `steps[${i}].key: ${key} is there twice`)
    keys.add(key)
  }
  return decoded.data
}

const again = 'make it again: kubestrap plan --out FILE'

const broken = (file: string, what: string, why?: string): UserError =>
  new UserError('usage', `${file}: ${what}`, { ...(why ? { why } : {}), next: `${again}` })

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const words = messageOf(error)
    const position = /position (\d+)/.exec(words)?.[1]
    const before = text.slice(0, position === undefined ? text.length : Number(position)).split('\n')
    throw broken(`${file}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`, 'is no JSON', words)
  }
}

/** "steps[3].changes[0].kind" */
const pathOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (so, part) =>
      typeof part === 'number' ? `${so}[${part}]` : so === '' ? String(part) : `${so}.${String(part)}`,
    '',
  ) || 'the file'
