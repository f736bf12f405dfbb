import type { Host } from '../../host/host.js'

/**
 * What a script finds on a host, a line each. Throws Error where it could not look.
 * @param what "what still runs on docker"
 */
export async function leftOnRuntime(host: Host, what: string, script: string): Promise<readonly string[]> {
  const answer = await host.read({ what: `look for ${what}`, script, timeoutMs: 30_000 })
  if (answer.code !== 0) throw new Error(`could not check ${what}: ${answer.stderr}`)
  return answer.stdout.toString().split('\n').filter(Boolean)
}
