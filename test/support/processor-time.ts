/** Starts to count; what it returns tells the milliseconds of processor time this process has used since: load beside the tests adds none. */
export function processorTime(): () => number {
  const began = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(began)
    return (user + system) / 1000
  }
}

/** For what took a minute before it had limits: "at once" in processor time, milliseconds. */
export const atOnceMs = 2_000
