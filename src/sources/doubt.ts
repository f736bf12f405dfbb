/** What became of a digest that was asked for again, after a file came whole that has another. */
export interface Doubted {
  /** Where an earlier run had kept it: by now the other one is there, or none. */
  file: string
  now:
    | 'other' // what was kept was wrong, or the publisher has replaced the file
    | 'same' // whoever gives the file gives another than the published one
    | 'unknown' // nobody could be asked
}

/** Asks for a published digest again, once a run. Throws nothing. */
export type Doubt = () => Promise<Doubted>

/**
 * What to do about a file that is not the published one.
 * @param name of the file: "kubelet"
 * @param doubted undefined: its digest is not one that was fetched
 */
export function tellDoubted(name: string, doubted: Doubted | undefined): string {
  const another = `a proxy, or a mirror, gives another ${name} than the published one`
  switch (doubted?.now) {
    case undefined:
      return another
    case 'other':
      return `the digest kept in ${doubted.file} is not the one published now, which has replaced it: run the same command again`
    case 'same':
      return `${another}: its digest was fetched again, and is the same; it was forgotten (${doubted.file})`
    case 'unknown':
      return `${another}, or the digest kept in ${doubted.file} was wrong: it could not be fetched again, and was forgotten; run the same command again`
  }
}
