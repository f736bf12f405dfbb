import { parseAst } from 'vitest/node'

interface Ast {
  type: string
  start: number
  [field: string]: unknown
}

const isAst = (value: unknown): value is Ast =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
const astOf = (value: unknown): Ast | undefined => (isAst(value) ? value : undefined)
const listOf = (value: unknown): Ast[] => (Array.isArray(value) ? value.filter(isAst) : [])

/** What is directly below. */
const below = (node: Ast): Ast[] =>
  Object.values(node).flatMap((value) =>
    Array.isArray(value) ? value.filter(isAst) : isAst(value) ? [value] : [],
  )

function everything(node: Ast): Ast[] {
  const all: Ast[] = []
  const open = [node]
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    all.push(one)
    open.push(...below(one))
  }
  return all
}

const isFunction = ({ type }: Ast): boolean =>
  ['ArrowFunctionExpression', 'FunctionExpression', 'FunctionDeclaration'].includes(type)

const nameOf = (node: Ast | undefined): string | undefined =>
  node?.type === 'Identifier' && typeof node.name === 'string' ? node.name : undefined

/** The names that a pattern binds. */
function bound(pattern: Ast): string[] {
  if (pattern.type === 'Identifier') return [nameOf(pattern) ?? '']
  if (pattern.type === 'AssignmentPattern') return listOf([pattern.left]).flatMap(bound)
  if (pattern.type === 'Property') return listOf([pattern.value]).flatMap(bound)
  return [...listOf(pattern.properties), ...listOf(pattern.elements), ...listOf([pattern.argument])].flatMap(
    bound,
  )
}

/** All that is declared in a function, parameters too, of functions inside also. */
function declaredIn(node: Ast): Set<string> {
  return new Set(
    everything(node).flatMap((one) => {
      if (one.type === 'VariableDeclarator') return listOf([one.id]).flatMap(bound)
      if (one.type === 'CatchClause') return listOf([one.param]).flatMap(bound)
      return isFunction(one) ? [...listOf(one.params), ...listOf([one.id])].flatMap(bound) : []
    }),
  )
}

/** The variable that an expression starts from: `a` of a.b().c. */
function rootOf(node: Ast | undefined): string | undefined {
  if (node?.type === 'MemberExpression') return rootOf(astOf(node.object))
  if (node?.type === 'CallExpression') return rootOf(astOf(node.callee))
  return nameOf(node)
}

/** Methods that change what they are called on: a Map, a Set, a Late, a list. */
const changing = [
  'set',
  'add',
  'delete',
  'clear',
  'push',
  'unshift',
  'pop',
  'shift',
  'splice',
  'sort',
  'reverse',
]

/** What a function writes outside itself, itself or by functions of its file that it calls. */
function writesOf(
  node: Ast,
  functions: ReadonlyMap<string, Ast>,
  methods: boolean,
  seen = new Set<Ast>(),
): Ast[] {
  if (seen.has(node)) return []
  seen.add(node)
  const own = declaredIn(node)
  const isOuter = (target: Ast | undefined): boolean => {
    const root = rootOf(target)
    return root !== undefined && !own.has(root)
  }
  return everything(node).flatMap((one) => {
    if (one.type === 'AssignmentExpression') return isOuter(astOf(one.left)) ? [one] : []
    if (one.type === 'UpdateExpression') return isOuter(astOf(one.argument)) ? [one] : []
    if (one.type !== 'CallExpression') return []
    const callee = astOf(one.callee)
    const called = functions.get(nameOf(callee) ?? '')
    if (called !== undefined) return writesOf(called, functions, methods, seen)
    if (!methods || callee?.type !== 'MemberExpression') return []
    const method = nameOf(astOf(callee.property))
    return method !== undefined && changing.includes(method) && isOuter(astOf(callee.object)) ? [one] : []
  })
}

/** What the engine calls of a step; `learn` alone is to write elsewhere. */
const parts = ['probe', 'look', 'diff', 'apply', 'disrupts', 'vacates', 'evidence']

/** Looks: they change nothing anywhere. An apply writes on machines, by methods of all names. */
const looks = ['probe', 'look', 'diff']

/**
 * What steps of a source file write into what is around them, "probe: last = state". Of looks also what they change by a
 * method.
 */
export function closureWrites(text: string): string[] {
  const program = astOf(parseAst(text, { lang: 'ts' }))
  if (!program) throw new TypeError('no program')
  const all = everything(program)
  const functions = new Map<string, Ast>()
  for (const one of all) {
    const name = one.type === 'FunctionDeclaration' ? nameOf(astOf(one.id)) : undefined
    if (name !== undefined) functions.set(name, one)
    const init = one.type === 'VariableDeclarator' ? astOf(one.init) : undefined
    const variable = nameOf(astOf(one.id))
    if (init !== undefined && isFunction(init) && variable !== undefined) functions.set(variable, init)
  }
  return all.flatMap((one) => {
    if (one.type !== 'ObjectExpression') return []
    const properties = listOf(one.properties)
    const named = properties.flatMap((property) => {
      const name = nameOf(astOf(property.key)) ?? ''
      const value = astOf(property.value)
      const means = value && (isFunction(value) ? value : functions.get(nameOf(value) ?? ''))
      return parts.includes(name) && means ? [{ name, means }] : []
    })
    // a step, one made of another, or what is awaited
    const count = properties.filter(({ key }) => parts.includes(nameOf(astOf(key)) ?? '')).length
    const isMade = properties.some(
      ({ type, key }) => type === 'SpreadElement' || nameOf(astOf(key)) === 'look',
    )
    if (count < (isMade ? 1 : 2)) return []
    return named.flatMap(({ name, means }) =>
      writesOf(means, functions, looks.includes(name)).map(
        ({ start, end }) => `${name}: ${text.slice(start, Number(end)).split('\n')[0]}`,
      ),
    )
  })
}
