/**
 * `ask`, asked once however many callers want it in one turn of the event loop. For a question
 * whose answer serves several steps, such as "which images are there".
 */
export function oncePerTurn<T>(ask: () => Promise<T>): () => Promise<T> {
  let current: Promise<T> | undefined
  return () => {
    if (current === undefined) {
      current = ask()
      setImmediate(() => {
        current = undefined
      })
    }
    return current
  }
}
