import { catalog } from '../catalog.js'
import type { Signs } from '../preflight/on-disk.js'

/** What is known of plug-ins on a disk, whichever the inventory names. */
export const signs: Signs = { networks: catalog.networks, runtimes: catalog.runtimes }
