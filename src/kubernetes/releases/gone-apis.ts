import type { GoneApi } from './release.js'

/**
 * Resources of an API that goes.
 * @param resources separated by blanks
 * @param instead see GoneApi
 */
export const goneApis = (apiVersion: string, resources: string, instead: string | undefined): GoneApi[] =>
  resources.split(' ').map((resource) => ({ apiVersion, resource, instead }))
