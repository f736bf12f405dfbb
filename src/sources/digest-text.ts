/** A line of a list of digests: the digest, and after it the name as sha256sum prints it. */
const line = /^([0-9a-f]{64})(?:[ \t]+\*?(?:\.\/)?(\S+))?[ \t]*$/i

/**
 * The digest of a file, in lower case, from a text that has it alone or in a list as sha256sum prints it; what stands
 * around the lines of a list (a signature) is passed over. Undefined when the text does not say it, or says two.
 */
export function digestIn(text: string, file: string): string | undefined {
  const lines = text.split(/\r?\n/).flatMap((one) => {
    const [, digest, name] = line.exec(one) ?? []
    return digest === undefined ? [] : [{ digest: digest.toLowerCase(), name }]
  })
  const own = lines.filter(({ name }) => name === file || name?.endsWith(`/${file}`))
  const alone = lines.length === 1 && lines[0]?.name === undefined ? lines : []
  const found = new Set((own.length > 0 ? own : alone).map(({ digest }) => digest))
  return found.size === 1 ? [...found][0] : undefined
}
