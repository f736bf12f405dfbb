/**
 * The commands of one shell line, each as its words: what a shell would run, without redirections and comments. It
 * knows what documentation uses of a shell (quotes, `|`, `&&`, `;`, `>`, `<(…)`), and refuses other expansions by
 * leaving their characters in the words.
 */
export function shellCommands(line: string): string[][] {
  const commands: string[][] = [[]]
  let word: string | undefined
  let redirection = false
  const end = (): void => {
    if (word !== undefined && !redirection) commands.at(-1)?.push(word)
    if (word !== undefined) redirection = false
    word = undefined
  }
  for (let i = 0; i < line.length; i++) {
    const char = line[i] as string
    if (char === "'" || char === '"') {
      const close = line.indexOf(char, i + 1)
      if (close < 0) throw new Error(`a quote is not closed: ${line}`)
      word = (word ?? '') + line.slice(i + 1, close)
      i = close
    } else if (char === ' ') end()
    else if (char === '#' && word === undefined) break
    else if (char === '<' && line[i + 1] === '(') {
      end()
      commands.push([])
      i++
    } else if ('|&;)'.includes(char)) {
      end()
      commands.push([])
    } else if (char === '>' || char === '<') {
      // the number of a descriptor is no word
      if (word !== undefined && /^\d$/.test(word)) word = undefined
      end()
      redirection = true
      if (line[i + 1] === '>') i++
    } else word = (word ?? '') + char
  }
  end()
  return commands.filter((words) => words.length > 0)
}
