import type { KeyboardInteractiveAuthMethod } from 'ssh2'
import { redact, type Secret } from '../../lib/secret.js'
import type { Secrets } from '../secrets.js'
import type { SshSpec } from '../ssh-spec.js'

/**
 * keyboard-interactive: the host's first hidden question is answered with the password, any other by
 * the operator. Where nobody can be asked the answer is empty, and the host refuses.
 */
export function byKeyboard(
  ssh: SshSpec,
  secrets: Secrets,
  password: Secret | undefined,
): KeyboardInteractiveAuthMethod {
  let left = password
  return {
    type: 'keyboard-interactive',
    username: ssh.user,
    prompt: (_name, _instructions, _lang, prompts, finish) => {
      const answer = async (question: string, hidden: boolean): Promise<string> => {
        if (left && hidden) {
          const once = left.reveal()
          left = undefined
          return once
        }
        const where = `${ssh.user}@${ssh.host}`
        return (await secrets.ask(`${where}: ${redact(question)}`, `log in to ${where} with a key`)).reveal()
      }
      const all = async (): Promise<string[]> => {
        const answers: string[] = []
        for (const { prompt, echo } of prompts) answers.push(await answer(prompt, echo !== true))
        return answers
      }
      all().then(finish, () => finish(prompts.map(() => '')))
    },
  }
}
