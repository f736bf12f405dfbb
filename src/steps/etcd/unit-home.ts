import type { Context } from '../../cluster/context.js'
import { crashWatch } from '../../cluster/crash-watch.js'
import type { Machine } from '../../cluster/machine.js'
import { beginningMark, etcdUnit, etcdUnitFile, etcdUnitText } from '../../kubernetes/etcd/unit.js'
import { enableUnit } from '../../resources/enable-unit.js'
import { markDirectory } from '../../resources/marks.js'
import { lastWords } from '../../resources/service.js'
import type { MemberHome } from './home.js'
import { etcdInstallNeeds, etcdProgram } from './install-steps.js'

/** A member on a host of its own: a unit. */
export function unitHome(context: Context, machine: Machine): MemberHome {
  const { host, spec } = machine
  const { etcd } = context.spec
  return {
    file: etcdUnitFile,
    needs: [
      ...etcdInstallNeeds(context, machine),
      `${spec.name}/directory:${etcd.dataDir}`,
      `${spec.name}/@pki`,
    ],
    begin: async (founding) => {
      const content = etcdUnitText(context.spec, spec, etcdProgram(context), founding)
      const there = await host.stat(etcdUnitFile, { content: true })
      const told = there.kind === 'file' && there.content?.toString() === content
      await host.write({ path: beginningMark, content: '', mode: '0644' })
      if (!told) await host.write({ path: etcdUnitFile, content, mode: '0644' })
      await host.mutate({
        what: `start ${etcdUnit}`,
        script: `${enableUnit}
enable_unit "$1" || exit 1
systemctl reset-failed -- "$1" 2>/dev/null
systemctl "$2" --no-block -- "$1" && rm -f -- "$3/$1"`,
        args: [etcdUnit, told ? 'start' : 'restart', markDirectory],
        ledger: [`enabled ${etcdUnit}`, `tree ${etcd.dataDir}`],
        timeoutMs: 30_000,
      })
    },
    end: async () => {
      await host.mutate({
        what: `stop ${etcdUnit}, and remove the data of the failed start`,
        // its directory is empty but for what it wrote since it lost its data
        script: `if [ "$(systemctl show -p LoadState --value -- "$1")" = loaded ]; then systemctl stop -- "$1" || exit 1; fi
rm -rf -- "$2/member"`,
        args: [etcdUnit, etcd.dataDir],
        timeoutMs: 120_000,
      })
    },
    watch: () => crashWatch(context, machine, [], etcdUnit),
    evidence: (ageMs) => lastWords(host, etcdUnit, ageMs),
  }
}
