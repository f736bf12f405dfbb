import { areaOf } from './areas.js'
import type { Cause } from './cause.js'

/** The page of a cause, as docs/causes has it and `kubestrap explain` prints it: Markdown that reads well as text. */
export function causePage({ code, title, what, why, fix, general }: Cause): string {
  const steps = fix.map((step, i) => `${i + 1}. ${step}`)
  return [
    `# ${code}: ${title}`,
    `Area: ${areaOf(code)}.`,
    '## What',
    what,
    '## Why',
    why,
    ...(general ? ['kubestrap names this cause only where no more exact cause fits.'] : []),
    '## How to fix it',
    steps.join('\n'),
    '',
  ]
    .join('\n\n')
    .trimEnd()
    .concat('\n')
}

/** The causes in the order of their codes. */
export function byCode(causes: readonly Cause[]): Cause[] {
  return causes.toSorted((a, b) => a.code.localeCompare(b.code))
}

/** The list of all pages, for docs/causes/README.md. */
export function causeIndex(causes: readonly Cause[]): string {
  const sorted = byCode(causes)
  const parts = [...new Set(sorted.map(({ code }) => areaOf(code)))].map((area) => {
    const rows = sorted
      .filter(({ code }) => areaOf(code) === area)
      .map(({ code, title }) => `- [${code}](${code}.md): ${title}`)
    return `## ${area[0]?.toUpperCase()}${area.slice(1)}\n\n${rows.join('\n')}`
  })
  return `# Causes of failures

A failure that kubestrap knows the cause of names its code: \`likely cause (KS0101): a disk is full\`. \`kubestrap explain
KS0101\` prints its page without the Internet; \`kubestrap explain\` alone lists all. The first two digits are the area. A code
keeps its meaning in every later version. These pages are made from src/diagnose/causes by \`npm run causes\`.

${parts.join('\n\n')}
`
}
