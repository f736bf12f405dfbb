import { readFile } from 'node:fs/promises'
import { messageOf, UserError } from '../../lib/errors.js'
import { redactedJson } from '../../lib/secret.js'
import { replaceFile } from '../../operations/replace-file.js'
import { decodePlanFile, type PlanFile } from './plan-file.js'

/** Reads a plan. Throws UserError('usage') for a file that cannot be read or is none. */
export async function readPlan(file: string): Promise<PlanFile> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new UserError('usage', `cannot read ${file}`, {
      why: wordsOf(error),
      next: 'name a file that kubestrap plan --out FILE wrote',
      cause: error,
    })
  }
  return decodePlanFile(text, file)
}

/**
 * Writes a plan for its owner alone, in one move: the file is there whole, or as it was.
 * Throws UserError('usage') when it cannot be written.
 */
export async function writePlan(file: string, plan: PlanFile): Promise<void> {
  try {
    await replaceFile(file, `${redactedJson(plan, 2)}\n`, undefined)
  } catch (error) {
    throw new UserError('usage', `cannot write ${file}`, {
      why: wordsOf(error),
      next: 'name a file in a directory that exists and is yours: --out FILE',
      cause: error,
    })
  }
}

const wordsOf = (error: unknown): string => messageOf(error)
