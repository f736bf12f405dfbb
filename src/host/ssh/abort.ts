/** The promise, or the signal's reason as soon as it is aborted. */
export function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason)
    const settled = (): void => signal.removeEventListener('abort', aborted)
    if (signal.aborted) aborted()
    signal.addEventListener('abort', aborted, { once: true })
    promise.then(
      (value) => {
        settled()
        resolve(value)
      },
      (error: unknown) => {
        settled()
        reject(error)
      },
    )
  })
}

/**
 * Something that is opened, waited for no longer than `ms`; what comes after that is closed at once.
 * @param what for the error: "did not open a session"
 */
export function within<T>(
  ms: number,
  what: string,
  opening: Promise<T>,
  close: (late: T) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let late = false
    const timer = setTimeout(() => {
      late = true
      reject(new Error(`${what} within ${ms / 1000} s`))
    }, ms)
    opening.then(
      (opened) => {
        clearTimeout(timer)
        if (late) close(opened)
        else resolve(opened)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}
