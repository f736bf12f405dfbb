import type { Step } from '../engine/step.js'
import type { Host } from '../host/host.js'

interface Names {
  now: string
  atBoot: string
}

/** The machine's host name, now and after a reboot. The node name follows it, so it is the same. */
export function hostname(host: Host, name: string): Step<Names> {
  return {
    id: 'hostname',
    title: `host name ${name}`,
    target: host.name,
    probe: async () => {
      const answer = await host.read({
        script: 'cat /proc/sys/kernel/hostname; cat /etc/hostname 2>/dev/null || echo; exit 0',
      })
      const [now = '', atBoot = ''] = answer.stdout.toString().split('\n')
      return { now: now.trim(), atBoot: atBoot.trim() }
    },
    diff: ({ now, atBoot }) => {
      if (now === name && atBoot === name) return []
      return [
        {
          kind: 'update',
          summary: `set the host name to ${name} (is ${now}${atBoot === now ? '' : `, at boot ${atBoot || 'none'}`})`,
        },
      ]
    },
    apply: async () => {
      await host.mutate({
        what: `set the host name ${name}`,
        script:
          'printf "%s\\n" "$1" >/etc/hostname.kubestrap && mv /etc/hostname.kubestrap /etc/hostname && printf "%s\\n" "$1" >/proc/sys/kernel/hostname',
        args: [name],
        ledger: ['file /etc/hostname'],
        timeoutMs: 10_000,
      })
    },
  }
}
