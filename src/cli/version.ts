import { createRequire } from 'node:module'

/** The version of kubestrap, as package.json has it. */
export function version(): string {
  const { version } = createRequire(import.meta.url)('../../package.json')
  return String(version)
}
