/** What happens to a terminal behind the back of whoever draws on it. */
export interface Happenings {
  /** It has another size, or was somebody else's meanwhile. */
  onChange(): void
  /** Ctrl-Z: it is about to be somebody else's. */
  onStop(): void
  /** This process ends, however that comes. */
  onExit(): void
}

/** Tells what happens until the function it returns is called. Ctrl-Z still stops the process. */
export function watch(stdout: NodeJS.WriteStream, { onChange, onStop, onExit }: Happenings): () => void {
  const stop = (): void => {
    onStop()
    // the same signal would come here again
    process.kill(process.pid, 'SIGSTOP')
  }
  stdout.on('resize', onChange)
  process.on('SIGTSTP', stop)
  process.on('SIGCONT', onChange)
  process.on('exit', onExit)
  return () => {
    stdout.removeListener('resize', onChange)
    process.removeListener('SIGTSTP', stop)
    process.removeListener('SIGCONT', onChange)
    process.removeListener('exit', onExit)
  }
}
