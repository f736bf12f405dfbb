import { createOperator, type Operator, type Patience } from '../../src/host/operator.js'
import { Secret } from '../../src/lib/secret.js'

/**
 * An operator who answers questions from a list, and remembers them; without a list one without a
 * terminal. No agent unless one is given.
 */
export function testOperator(
  given: {
    agent?: string
    answers?: string[]
    environment?: Readonly<Record<string, string>>
    patience?: Patience
  } = {},
): Operator & { asked: string[] } {
  const asked: string[] = []
  const { answers } = given
  const operator = createOperator({
    agent: given.agent,
    root: process.getuid?.() === 0,
    environment: given.environment ?? {},
    ...(given.patience ? { patience: given.patience } : {}),
    ask:
      answers &&
      (async (question) => {
        asked.push(question)
        const answer = answers.shift()
        if (answer === undefined) throw new Error(`nobody expected to be asked: ${question}`)
        return new Secret(answer)
      }),
  })
  return { ...operator, asked }
}

/** Nobody becomes anybody else. */
export const asIs = async (): Promise<'none'> => 'none'
