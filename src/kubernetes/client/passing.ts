import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from './http.js'

/** Between two tries, milliseconds: together longer than an election of etcd takes (its election timeout is a second). */
const pauses = [200, 400, 800, 1_600]

/**
 * What an API server answers while its etcd elects a leader or is too busy (rpctypes.ErrLeaderChanged, ErrNoLeader,
 * ErrTimeout …, passed on with 500), or while it asks for patience itself.
 */
const passingWords = /etcdserver: (?:leader changed|no leader|request timed out|too many requests)/

/** Whether the same question will be answered in a moment. */
function isPassing({ status, body }: Pick<Answer, 'status' | 'body'>): boolean {
  return status === 429 || (status >= 500 && passingWords.test(body))
}

/**
 * Sends what may be sent more than once (a read, a merge patch, a deletion) again while the answer is one that passes. client-go's
 * etcd client does so within the API server, but not for every read, and for no write.
 * @returns the last answer, which may still be such a one
 */
export async function untilPassed(ask: () => Promise<Answer>): Promise<Answer> {
  for (const pause of pauses) {
    const answer = await ask()
    if (!isPassing(answer)) return answer
    await sleep(pause)
  }
  return ask()
}
