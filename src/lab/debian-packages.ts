import { access } from 'node:fs/promises'
import { UserError } from '../lib/errors.js'
import { command, must } from './command.js'
import { type Report, throttled } from './report.js'

/** dpkg-query's own placeholders, one "status name" a line. */
const format = ['db:Status-Status', 'Package']
  .map((field) => `\${${field}}`)
  .join(' ')
  .concat('\\n')

/**
 * Installs those of `names` that this machine lacks, from its own sources as they are configured.
 * Returns what was installed. Throws UserError('preflight') without apt-get, or when it fails.
 */
export async function installMissing(names: readonly string[], report: Report): Promise<string[]> {
  const known = await command('dpkg-query', ['-W', '-f', format, '--', ...names]).catch(() => undefined)
  if (known === undefined)
    throw new UserError('preflight', 'a lab requires Debian or Ubuntu on this computer', {
      next: `on another system install these by hand: ${names.join(', ')}; or use your own machines`,
    })
  const installed = new Set(known.stdout.split('\n').map((line) => line.replace(/^installed /, '')))
  const missing = names.filter((name) => !installed.has(name))
  if (missing.length === 0) return []
  report(`installing ${missing.join(', ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const onLine = throttled(report, 3_000)
  if (!(await haveLists())) await must('apt-get', ['-q', 'update'], { env, onLine })
  const install = [
    '-q',
    '-y',
    '--no-install-recommends',
    '-o',
    'DPkg::Lock::Timeout=120',
    'install',
    '--',
    ...missing,
  ]
  const first = await command('apt-get', install, { env, onLine })
  if (first.code !== 0) {
    // lists of an older day name files that are gone
    await must('apt-get', ['-q', 'update'], { env, onLine })
    await must('apt-get', install, { env, onLine })
  }
  return missing
}

async function haveLists(): Promise<boolean> {
  const found = await command('sh', [
    '-c',
    'ls /var/lib/apt/lists/*Packages* /var/lib/apt/lists/*Packages 2>/dev/null | head -n 1',
  ])
  return found.stdout.trim() !== ''
}

/** Whether a path exists. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
