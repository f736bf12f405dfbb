interface Waiting<Question, Answer> {
  question: Question
  resolve(answer: Answer): void
  reject(error: unknown): void
}

/**
 * Gathers what is asked in one turn of the event loop and asks it together (as DataLoader does for
 * queries). With `turns` 2 it waits one turn more, so that what another batch gathered in the first
 * can still join.
 */
export class Batch<Question, Answer> {
  #waiting: Waiting<Question, Answer>[] = []

  /**
   * @param size most questions that go together
   * @param ask answers in the order of the questions
   */
  constructor(
    readonly size: number,
    readonly ask: (questions: readonly Question[]) => Promise<readonly Answer[]>,
    readonly turns: 1 | 2 = 1,
  ) {}

  add(question: Question): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      this.#waiting.push({ question, resolve, reject })
      if (this.#waiting.length > 1) return
      if (this.turns === 1) setImmediate(() => this.#flush())
      else setImmediate(() => setImmediate(() => this.#flush()))
    })
  }

  #flush(): void {
    const all = this.#waiting
    this.#waiting = []
    for (let at = 0; at < all.length; at += this.size) void this.#send(all.slice(at, at + this.size))
  }

  async #send(some: readonly Waiting<Question, Answer>[]): Promise<void> {
    try {
      const answers = await this.ask(some.map(({ question }) => question))
      some.forEach(({ resolve, reject }, i) => {
        const answer = answers[i]
        if (answer === undefined) reject(new Error('a command of a batch was not answered'))
        else resolve(answer)
      })
    } catch (error) {
      for (const { reject } of some) reject(error)
    }
  }
}
