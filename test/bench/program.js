import { spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Runs a program and waits for it.
 * @param stdin file to give it
 * @returns what it printed
 * @throws with its last words, when it does not end well
 */
export function run(program, args, { stdin, env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: root,
      stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    let [stdout, said] = ['', '']
    child.stdout.on('data', (chunk) => {
      stdout += chunk
      said += chunk
    })
    child.stderr.on('data', (chunk) => {
      said += chunk
    })
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(stdout)
      else reject(new Error(`${program} ${args.join(' ')}: exit ${code}\n${said.slice(-3000)}`))
    })
    if (stdin === undefined) return
    // a program that ends early closes its end; its exit code says why
    child.stdin.on('error', () => {})
    createReadStream(stdin).pipe(child.stdin)
  })
}

export const kubestrap = (...args) => run(process.execPath, ['bin/kubestrap.js', ...args])
