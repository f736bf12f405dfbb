import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Why no earlier version can be had here; undefined when it can. A commit that is not in the history is no reason: that throws. */
export function whyNoHistory(): string | undefined {
  return existsSync(join(root, '.git')) ? undefined : 'needs the history of this repository'
}

/**
 * An earlier commit of this repository, compiled with the packages that are installed here.
 * @param commit as git knows it
 * @returns its directory, in a scratch directory, and how to take that away
 * @throws with git's or the compiler's words
 */
export function earlierVersion(commit: string): { directory: string; remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), 'kubestrap-earlier-'))
  const remove = (): void => rmSync(directory, { recursive: true, force: true })
  try {
    const archive = execFileSync('git', ['archive', '--format=tar', commit], {
      cwd: root,
      maxBuffer: 256 * 1024 * 1024,
    })
    mkdirSync(directory, { recursive: true })
    execFileSync('tar', ['-xf', '-', '-C', directory], { input: archive })
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: directory, encoding: 'utf8' })
  } catch (error) {
    remove()
    throw error
  }
  return { directory, remove }
}
