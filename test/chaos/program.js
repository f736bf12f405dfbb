import { spawn } from 'node:child_process'
import { root } from '../bench/program.js'

/** What a program may take when nothing else is said; every wait ends. */
const withinMs = 300_000

const running = new Set()
let over = false

/** Starts a program that `endAll` ends. Throws once that was called. */
export function start(program, args, stdio) {
  if (over) throw new Error('chaos was interrupted')
  const child = spawn(program, args, { cwd: root, stdio })
  running.add(child)
  child.once('close', () => running.delete(child))
  return child
}

/** Ends what runs, and waits for that; what was under way can begin nothing more. */
export async function endAll() {
  over = true
  await Promise.all(
    [...running].map((child) => {
      const gone = new Promise((resolve) => child.once('close', resolve))
      child.kill('SIGKILL')
      return gone
    }),
  )
}

/**
 * Runs a program to its end; any exit code is an answer, 255 for one that a signal ended.
 * @param options.last it is part of what removes the machines: it runs when all else was ended
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
export function answer(program, args, { timeoutMs = withinMs, stdin, last = false } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = ['pipe', 'pipe', 'pipe']
    const child = last ? spawn(program, args, { cwd: root, stdio }) : start(program, args, stdio)
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk) => {
      stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    child.once('error', reject)
    child.once('close', (code) => {
      clearTimeout(timer)
      resolve({ code: code ?? 255, stdout, stderr })
    })
    child.stdin.on('error', () => {})
    child.stdin.end(stdin)
  })
}

/** As `answer`, and throws with the last words unless it exits 0. @returns what it printed */
export async function must(program, args, options) {
  const ran = await answer(program, args, options)
  if (ran.code === 0) return ran.stdout
  throw new Error(
    `${program} ${args.join(' ').slice(0, 300)}: exit ${ran.code}\n${(ran.stdout + ran.stderr).slice(-2000)}`,
  )
}

export const kubestrap = (args, options) => answer(process.execPath, ['bin/kubestrap.js', ...args], options)
export const mustKubestrap = (...args) =>
  must(process.execPath, ['bin/kubestrap.js', ...args], { timeoutMs: 600_000 })
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Of long words the beginning, which names what failed, and the end. */
export const shortened = (text) =>
  text.length < 3_000 ? text : `${text.slice(0, 2_000)}\n…\n${text.slice(-900)}`
