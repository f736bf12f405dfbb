/** What became of a digest that was asked for again, after a file came whole that has another. */
export type Doubted = {
  /** Where it is kept, and stays. */
  file: string
} & (
  | { now: 'other'; kept: string; published: string } // what was kept is wrong, or somebody has replaced file and digest
  | { now: 'same' } // whoever gives the file gives another than the published one
  | { now: 'unknown' } // nobody could be asked
)

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
      return `another digest of ${name} is published by now (${doubted.published}) than the one kept in ${doubted.file} (${doubted.kept}), but a release never changes: find out who has replaced it; if the new one is right, delete that file and run the same command again`
    case 'same':
      return `${another}: its digest was fetched again, and is the same`
    case 'unknown':
      return `${another}, or the digest kept in ${doubted.file} is wrong: it could not be fetched again; run the same command again`
  }
}
