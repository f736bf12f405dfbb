import type { AuthHandlerMiddleware } from 'ssh2'
import type { Way } from './credentials.js'

/** The order of attempts, and what came of them. */
export interface Attempts {
  handler: AuthHandlerMiddleware
  /** Names of what was tried. */
  tried(): readonly string[]
  /** What the host said it takes; undefined before the first refusal. */
  takes(): readonly string[] | undefined
  /** Whether the host accepted something and wants more. */
  halfIn(): boolean
}

/**
 * Tries each way once, passing over those the host does not take. After a success that is not enough
 * (AuthenticationMethods publickey,password) it goes on with what the host still wants; only then are
 * questions of the host, which nobody expects, put to the operator.
 */
export function attempts(ways: readonly Way[]): Attempts {
  const left = [...ways]
  const tried: string[] = []
  let takes: readonly string[] | undefined
  let halfIn = false
  const handler: AuthHandlerMiddleware = (accepted, partial, next) => {
    // null before the first attempt, whatever the types say
    if (Array.isArray(accepted)) takes = accepted
    if (partial) halfIn = true
    const at = left.findIndex(({ name, method }) => {
      if (name === 'questions' && !halfIn) return false
      if (tried.includes(name) && method.type === 'keyboard-interactive') return false
      const wanted = method.type === 'agent' ? 'publickey' : method.type
      return takes === undefined || takes.includes(wanted)
    })
    // one that the host does not take would count as a failure, and be spent before its turn comes
    if (takes === undefined && at >= 0 && left[at]?.method.type === 'password')
      return next({ type: 'none', username: left[at].method.username })
    const [way] = at < 0 ? [] : left.splice(at, 1)
    if (way) tried.push(way.name)
    // ssh2's types have no word for "no more"
    next((way?.method ?? false) as Parameters<typeof next>[0])
  }
  return { handler, tried: () => [...new Set(tried)], takes: () => takes, halfIn: () => halfIn }
}
