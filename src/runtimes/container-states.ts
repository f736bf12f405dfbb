/** A container of kube-system as its runtime tells. */
export interface ContainerState {
  name: string
  /** The UID of its pod: of a static pod a digest of its manifest. */
  pod: string
  id: string
  running: boolean
  /** How it ended; undefined while it runs, and where the runtime does not tell. */
  code: number | undefined
  /** Milliseconds since 1970, by the host's clock. */
  started: number | undefined
  ended: number | undefined
}

/** Reads what `system_containers` of Runtime.containerFunctions prints; lines of another form are left out. */
export function containerStates(printed: string): ContainerState[] {
  return printed.split('\n').flatMap((line) => {
    const [name, pod, id, state, code = '', started = '', ended = '', ...more] = line.split(' ')
    if (!name || !pod || !id || more.length > 0 || (state !== 'running' && state !== 'ended')) return []
    const running = state === 'running'
    return [
      {
        name,
        pod,
        id,
        running,
        code: running || !/^\d{1,3}$/.test(code) ? undefined : Number(code),
        started: timeOf(started),
        ended: running ? undefined : timeOf(ended),
      },
    ]
  })
}

/** Docker writes what has not happened as the year 1. */
function timeOf(text: string): number | undefined {
  const time = Date.parse(text)
  return time > 0 ? time : undefined
}
