/** The part of node-forge that is used, which its types know only as part of the whole: a sixth of its code to read at each start. */
declare module 'node-forge/lib/asn1.js' {
  import type forge from 'node-forge'

  const asn1: typeof forge.asn1
  export default asn1
}
