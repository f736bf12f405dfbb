import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Exited } from '../../src/host/connection.js'
import { type FakeHost, fakeHost } from './fake-host.js'

export interface ShimmedHost extends FakeHost {
  /** Where the files of a host with files of its own lie on this computer. */
  root: string
  remove(): void
}

/** Where a path begins whose place is in a host's own files. */
const ownPath = /(?<![\w$}.])\/(?=(?:etc|usr|lib|var|run|proc|opt)\/)/g

/**
 * A host whose questions and changes are run by a real sh, where the named programs are the given scripts and
 * everything else is this computer's. Only for scripts that change nothing outside what the shims do.
 * @param own files by path, "-> TARGET" for a link: paths that stand in a script or its arguments below /etc, /usr, /lib, /var, /run,
 *   /proc and /opt, and in these files, are then those of this host alone, whatever it writes there; answers do not
 *   tell the difference
 */
export function shimmedHost(
  name: string,
  shims: Readonly<Record<string, string>>,
  own?: Readonly<Record<string, string>>,
): ShimmedHost {
  const directory = mkdtempSync(join(tmpdir(), 'ks-shims-'))
  const root = join(directory, 'root')
  const there = (script: string): string => (own ? script.replace(ownPath, `${root}/`) : script)
  const put = (file: string, text: string): void => {
    mkdirSync(dirname(file), { recursive: true })
    if (text.startsWith('-> ')) symlinkSync(text.slice(3), file)
    else writeFileSync(file, text, { mode: text.startsWith('#!') ? 0o755 : 0o644 })
  }
  for (const [program, script] of Object.entries(shims))
    put(join(directory, program), `#!/bin/sh\n${script}\n`)
  for (const path of ['/run', '/var/lib', '/etc']) mkdirSync(join(root, path), { recursive: true })
  for (const [path, text] of Object.entries(own ?? {})) put(join(root, path), there(text))
  const here = (text: string): string => (own ? text.replaceAll(root, '') : text)
  const run = ({ script, args = [] }: { script: string; args?: readonly string[] }): Partial<Exited> => {
    const done = spawnSync('/bin/sh', ['-c', there(script), 'sh', ...args.map(there)], {
      env: { PATH: `${directory}:${process.env.PATH}`, LC_ALL: 'C', SHIMS: directory },
    })
    const stdout = own ? Buffer.from(here(done.stdout.toString())) : done.stdout
    return { code: done.status ?? 255, stdout, stderr: here(done.stderr.toString()) }
  }
  const host = fakeHost(name, { answer: run, onMutate: run })
  return { ...host, root, remove: () => rmSync(directory, { recursive: true, force: true }) }
}
