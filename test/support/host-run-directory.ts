import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a host keeps of kubestrap; every host that is this machine shares it. */
const directories = ['/run/kubestrap', '/var/lib/kubestrap']

/** Remembers what this machine has there; the function given back puts that back and removes the rest. */
export function keepHostDirectories(): () => void {
  const store = mkdtempSync(join(tmpdir(), 'ks-kept-'))
  directories.forEach((directory, i) => {
    if (existsSync(directory)) cpSync(directory, join(store, String(i)), { recursive: true })
  })
  return () => {
    directories.forEach((directory, i) => {
      rmSync(directory, { recursive: true, force: true })
      if (existsSync(join(store, String(i)))) cpSync(join(store, String(i)), directory, { recursive: true })
    })
    rmSync(store, { recursive: true })
  }
}
