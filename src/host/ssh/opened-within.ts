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
