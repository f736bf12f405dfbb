/**
 * `ask`, for many who wait for what others bring about and ask again and again: an answer serves all who ask until it is
 * `everyMs` old, and while one is under way no other is asked for. It may be older than the question.
 */
export function atMostEvery<T>(
  everyMs: number,
  { now }: { now(): Date },
  ask: () => Promise<T>,
): () => Promise<T> {
  let current: { asked: number; answer: Promise<T>; ended: boolean } | undefined
  return () => {
    const at = now().getTime()
    // a clock may be set back
    const age = current ? Math.abs(at - current.asked) : 0
    if (current && (!current.ended || age < everyMs)) return current.answer
    const asked = { asked: at, answer: ask(), ended: false }
    const end = (): void => {
      asked.ended = true
    }
    asked.answer.then(end, () => {
      // a failure is told to those who asked, and kept for nobody
      end()
      if (current === asked) current = undefined
    })
    current = asked
    return asked.answer
  }
}
