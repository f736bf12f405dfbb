import type { Change, Step } from '../engine/step.js'
import type { Host } from '../host/host.js'
import { UserError } from '../lib/errors.js'
import { textDiff } from './text-diff.js'

interface Template {
  /** "" where cloud-init leaves /etc/hosts alone. */
  path: string
  text: string
  mode: string
  owner: string
}

/**
 * Prints the template from which cloud-init writes /etc/hosts anew at each boot (manage_etc_hosts: true or template), if it
 * does: cloud.cfg, its drop-ins, and what user data said (cc_update_etc_hosts). POSIX sh.
 */
const findScript = `
[ -e /etc/cloud/cloud.cfg ] && [ ! -e /etc/cloud/cloud-init.disabled ] || { echo @none; exit 0; }
cat /etc/cloud/cloud.cfg /etc/cloud/cloud.cfg.d/*.cfg /var/lib/cloud/instance/cloud-config.txt 2>/dev/null |
  grep -Eq '^[[:space:]]*["'"'"']?manage_etc_hosts["'"'"']?:[[:space:]]*["'"'"']?([Tt]rue|TRUE|[Yy]es|[Oo]n|template)' || { echo @none; exit 0; }
. /etc/os-release
for like in "$ID" $ID_LIKE debian redhat; do
  case $like in ubuntu) like=debian ;; rhel | fedora | centos) like=redhat ;; opensuse* | sles) like=suse ;; esac
  f=/etc/cloud/templates/hosts.$like.tmpl
  [ ! -f "$f" ] || { echo "@template $f"; exit 0; }
done
echo @missing
`

export const isHostsTemplate = (path: string): boolean =>
  /^\/etc\/cloud\/templates\/hosts\.[a-z]+\.tmpl$/.test(path)

/**
 * The edit of /etc/hosts outlives a reboot where cloud-init writes that file at each boot: its template has it too.
 * @param edit pure and idempotent
 */
export function cloudHosts(host: Host, edit: (text: string) => string): Step<Template> {
  return {
    id: 'cloud-init-hosts',
    title: '/etc/hosts after a reboot',
    target: host.name,
    probe: async () => {
      const answer = await host.read({ what: "look for cloud-init's /etc/hosts", script: findScript })
      const said = answer.stdout.toString().trim()
      if (answer.code === 0 && said === '@none') return { path: '', text: '', mode: '', owner: '' }
      const [, path = ''] = /^@template (\S+)$/.exec(said) ?? []
      const state = isHostsTemplate(path) ? await host.stat(path, { content: true }) : undefined
      if (state?.kind !== 'file' || state.content === undefined)
        throw new UserError(
          'step',
          'cloud-init writes /etc/hosts at each boot, and its template was not found',
          {
            host: host.name,
            why: said || answer.stderr,
            next: 'set manage_etc_hosts: false in /etc/cloud/cloud.cfg.d, or the nodes lose the endpoint’s name at a reboot',
          },
        )
      return { path, text: state.content.toString(), mode: state.mode, owner: state.owner }
    },
    diff: ({ path, text }): Change[] => {
      const after = path === '' ? text : edit(text)
      return after === text
        ? []
        : [
            {
              kind: 'update',
              summary: `edit ${path}, from which cloud-init writes /etc/hosts at each boot`,
              diff: textDiff(path, text, after),
            },
          ]
    },
    apply: (_, { observed: { path, text, mode, owner } }) =>
      host.write({ path, content: edit(text), mode, owner, ledger: 'edit' }),
  }
}
