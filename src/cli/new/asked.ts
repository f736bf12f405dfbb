import { parseHosts } from '../../inventory/new/host-argument.js'
import type { GivenHosts } from '../../inventory/new/wanted-hosts.js'
import { UserError } from '../../lib/errors.js'
import { tell } from '../../ui/screen.js'
import { printError } from '../print-error.js'
import type { Questions } from '../questions.js'

/** What a person answers where the flags name no host. */
export interface Answers {
  hosts: GivenHosts
  /** Undefined: that of the SSH configuration, else root. */
  user: string | undefined
}

/** Asks for the hosts; an answer that cannot be is told, and asked for again. */
export async function askedHosts({ ask }: Questions, user: string | undefined): Promise<Answers> {
  tell('Hosts are addresses or names that ssh knows, several with commas; NAME=ADDRESS names a node.\n')
  const hosts = async (question: string, required: boolean): Promise<string[]> => {
    for (;;) {
      const answer = (await ask(question)).trim()
      if (answer === '' && !required) return []
      try {
        parseHosts('this answer', [answer])
        return [answer]
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        printError(error)
      }
    }
  }
  const planes = await hosts('Control plane hosts: ', true)
  const workers = await hosts('Worker hosts (empty: the control plane runs workloads, too): ', false)
  const several = parseHosts('', planes).length > 1
  const balancers = several
    ? await hosts('Load balancer hosts (empty: haproxy on each node, for that node): ', false)
    : []
  const name = user ?? (await ask('Login user (empty: that of the SSH configuration, else root): ')).trim()
  return {
    hosts: { 'control-plane': planes, worker: workers, 'load-balancer': balancers, etcd: [] },
    user: name === '' ? undefined : name,
  }
}
