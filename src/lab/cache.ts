import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where what is worth keeping between labs lies: root file systems, binaries, bundles. */
export const cacheDirectory = join(homedir(), '.cache', 'kubestrap')
