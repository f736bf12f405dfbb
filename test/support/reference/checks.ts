import type { Check } from '../../../src/preflight/check.js'
import type { UpgradeCheck } from '../../../src/upgrade/checks/check.js'
import { code, generated, markdownTable, paragraphs } from './markdown.js'

/** The page of all checks: before a run, and before an upgrade. */
export function checksPage(checks: readonly Check[], upgrade: readonly UpgradeCheck[]): string {
  return paragraphs(
    '# Preflight checks',
    `${generated} \`kubestrap preflight\` runs every check on every host and says how to fix what fails; \`up\` runs them before anything is changed. \`--ignore-preflight NAME\` ignores a check by its name, \`all\` every check. Names are those of kubeadm where kubeadm has the check.`,
    table(checks),
    '## Before an upgrade',
    'Besides those above, for each hop ([Upgrades](../upgrade.md#what-is-checked)):',
    table(upgrade),
  )
}

const table = (checks: readonly { name: string; about: string }[]): string =>
  markdownTable(
    ['Check', 'Requirement'],
    checks.map(({ name, about }) => [code(name), about]),
  )
