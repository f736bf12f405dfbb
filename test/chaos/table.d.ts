export type Table = Record<string, Record<string, { tried: number; converged: number }>>
export function counted(table: Table, topology: string, name: string, converged: boolean): Table
export function tableText(table: Table): string
export function readResult(path: string): { table: Table; failures: { problems: string[]; again?: string }[] }
export function addToFile(
  path: string,
  one: { topology: string; name: string; problems: readonly string[]; again?: string },
): void
