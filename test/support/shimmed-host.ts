import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Exited } from '../../src/host/connection.js'
import { type FakeHost, fakeHost } from './fake-host.js'

/**
 * A host whose questions and changes are run by a real sh, where the named programs are the given scripts and
 * everything else is this computer's. Only for scripts that change nothing outside what the shims do.
 */
export function shimmedHost(
  name: string,
  shims: Readonly<Record<string, string>>,
): FakeHost & { remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'ks-shims-'))
  for (const [program, script] of Object.entries(shims)) {
    const file = join(directory, program)
    writeFileSync(file, `#!/bin/sh\n${script}\n`)
    chmodSync(file, 0o755)
  }
  const run = ({ script, args = [] }: { script: string; args?: readonly string[] }): Partial<Exited> => {
    const done = spawnSync('/bin/sh', ['-c', script, 'sh', ...args], {
      env: { PATH: `${directory}:${process.env.PATH}`, LC_ALL: 'C', SHIMS: directory },
    })
    return { code: done.status ?? 255, stdout: done.stdout, stderr: done.stderr.toString() }
  }
  const host = fakeHost(name, { answer: run, onMutate: run })
  return { ...host, remove: () => rmSync(directory, { recursive: true, force: true }) }
}
