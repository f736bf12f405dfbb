import { openHost } from '../host/open-host.js'
import { exitCodes, UserError } from '../lib/errors.js'
import { type ExecResult, execOn } from '../operations/exec.js'
import { passOn, print, printJson } from '../ui/screen.js'
import { type Command, durationOf, inventoryOption, list, text } from './command.js'
import { inventoryOf } from './inventory.js'
import { limited, limitOption } from './selection.js'

export const execCommand: Command = {
  name: 'exec [command..]',
  about: 'Run a command as root on hosts in parallel; output is grouped by host.',
  example: "kubestrap exec -i inventory.yaml -l worker -- 'df -h / | tail -n 1'",
  options: {
    ...inventoryOption,
    ...limitOption,
    timeout: {
      type: 'string',
      default: '5m',
      describe: 'time limit: 30s, 5m, 1h',
      requiresArg: true,
    },
    output: {
      alias: 'o',
      choices: ['plain', 'json'],
      default: 'plain',
      describe: 'json: one host a line',
    },
  },
  positionals: {
    command: {
      type: 'string',
      array: true,
      describe: 'after --; as with ssh the words are joined with blanks and read by the shell of the host',
    },
  },
  run: async (values) => {
    const words = [...list(values, 'command'), ...list(values, '--')]
    if (words.length === 0)
      throw new UserError('usage', 'exec requires a command', { next: 'kubestrap exec -l worker -- uptime' })
    const spec = await inventoryOf(values)
    const names = limited(spec, values)
    const timeoutMs = durationOf(values, 'timeout', '30s, 5m or 1h')
    const hosts = spec.hosts.filter(({ name }) => names.includes(name)).map((host) => openHost(host))
    const show = text(values, 'output') === 'json' ? showJson : showPlain
    try {
      const results = await execOn(hosts, words, timeoutMs, show)
      const failed = results.filter(({ code }) => code !== 0)
      if (results.some(({ lost }) => lost)) return exitCodes.connection
      return failed.length > 0 ? exitCodes.step : exitCodes.ok
    } finally {
      await Promise.all(hosts.map((host) => host.close()))
    }
  },
}

function showJson(result: ExecResult): void {
  printJson(result)
}

function showPlain({ host, code, stdout, stderr, why }: ExecResult): void {
  const verdict = why ?? (code === 0 ? 'ok' : `exit ${code}`)
  print(`── ${host}: ${verdict}\n`)
  passOn(process.stdout, ended(stdout))
  passOn(process.stderr, ended(stderr))
}

const ended = (words: string): string => (words === '' || words.endsWith('\n') ? words : `${words}\n`)
