import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { eachEvent } from './watched-run.js'

const root = fileURLToPath(new URL('../../', import.meta.url))

export interface KilledRun {
  /** SIGKILL reached it; otherwise it ended by itself before. */
  killed: boolean
  /** Milliseconds from its start to its end. */
  ms: number
  /** Keys of the steps under way when it ended. */
  underWay: readonly string[]
}

/**
 * Runs kubestrap and kills it without warning.
 * @param args its arguments; `--output json` is added
 * @param when milliseconds after its start, or the pattern of a step's key and milliseconds
 *   after that step began, or after it first told what matches `progress`
 */
export function killedRun(
  args: readonly string[],
  when: number | { step: RegExp; ms: number; progress?: RegExp },
): Promise<KilledRun> {
  const began = performance.now()
  const child = spawn(process.execPath, ['bin/kubestrap.js', ...args, '--output', 'json'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const kill = (): void => {
    child.kill('SIGKILL')
  }
  let timer = typeof when === 'number' ? setTimeout(kill, when) : undefined
  const underWay = new Set<string>()
  eachEvent(child.stdout, ({ type, step, text = '' }) => {
    if (step === undefined) return
    if (type === 'step-started') underWay.add(step.key)
    if (type === 'step-finished') underWay.delete(step.key)
    if (typeof when === 'number' || !when.step.test(step.key)) return
    const reached = when.progress
      ? type === 'step-progress' && when.progress.test(text)
      : type === 'step-started'
    if (reached) timer ??= setTimeout(kill, when.ms)
  })
  return new Promise((resolve) => {
    child.once('close', (_code, signal) => {
      clearTimeout(timer)
      resolve({ killed: signal === 'SIGKILL', ms: performance.now() - began, underWay: [...underWay] })
    })
  })
}
