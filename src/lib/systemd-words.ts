/** Words as systemd splits them in ExecStart= and Environment=: blanks part them, quotes hold them together. */
export function systemdWords(text: string): string[] {
  return [...text.matchAll(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\])+/g)].map(([word]) =>
    word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g, (_, double, single, escaped) =>
      String(double ?? single ?? escaped ?? '').replace(/\\(.)/g, '$1'),
    ),
  )
}
