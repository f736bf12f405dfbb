/**
 * Prints the SHA-256 of a file first, then a name. openssl, where it is there, takes a quarter of the time of most builds of
 * sha256sum: it uses the processor's own instructions. POSIX sh.
 * @param file as it stands in the script: '"$t"'
 */
export const digestOf = (file: string): string =>
  `openssl dgst -sha256 -r <${file} 2>/dev/null || sha256sum <${file}`
