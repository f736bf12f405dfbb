import type { Step } from '../../engine/step.js'
import type { Host } from '../../host/host.js'
import { file } from '../../resources/file.js'
import type { Registry } from '../registry.js'
import { certsDirectory, directoryOf, hostsFiles, hostsMark } from './hosts-toml.js'

/**
 * What containerd looks up at each pull: no restart follows a change. Files of ours that the inventory has
 * nothing of any more go; those of a user stay, unless the inventory has that registry.
 */
export function registrySteps(host: Host, registries: readonly Registry[]): Step[] {
  const wanted = registries.map((registry) => ({ registry, ...hostsFiles(registry) }))
  const kept = wanted.flatMap(({ registry, authorities }) => [
    `${directoryOf(registry.name)}/hosts.toml`,
    ...authorities.keys(),
  ])
  const steps = wanted.flatMap(({ registry, hosts, authorities }) => {
    const files = [...authorities].map(([path, content]) => file(host, { path, content, needs: [] }))
    return [
      ...files,
      file(host, {
        path: `${directoryOf(registry.name)}/hosts.toml`,
        title: `registry ${registry.name}`,
        content: hosts,
        hideOld: (old) => /header/i.test(old),
        needs: files.map(({ id }) => `${host.name}/${id}`),
      }),
    ]
  })
  return [...steps, leftovers(host, kept)]
}

// Authorities lie beside the hosts.toml that names them, and go with it.
const findScript = `
dir=$1 mark=$2
shift 2
for f in "$dir"/*/hosts.toml; do
  [ -f "$f" ] && [ "$(head -n 1 -- "$f")" = "$mark" ] || continue
  for c in "$f" "\${f%/*}"/server.crt "\${f%/*}"/mirror-[0-9]*.crt; do
    [ -f "$c" ] || continue
    found=
    for kept in "$@"; do [ "$kept" != "$c" ] || found=yes; done
    [ -n "$found" ] || echo "$c"
  done
done
exit 0
`

function leftovers(host: Host, kept: readonly string[]): Step<readonly string[]> {
  return {
    id: 'registries-gone',
    title: 'registries from an earlier inventory',
    target: host.name,
    needs: kept.map((path) => `${host.name}/file:${path}`),
    probe: async () => {
      const answer = await host.read({
        what: 'look for registries from an earlier inventory',
        script: findScript,
        args: [certsDirectory, hostsMark, ...kept],
      })
      return answer.stdout.toString().split('\n').filter(Boolean)
    },
    diff: (paths) => paths.map((path) => ({ kind: 'remove', subjects: [path], summary: `remove ${path}` })),
    apply: async (changes) => {
      const paths = changes.flatMap(({ subjects }) => subjects ?? [])
      await host.mutate({
        what: 'remove registries from an earlier inventory',
        // hosts.toml last: by its first line what lies beside it is known
        script: `
for p in "$@"; do case $p in */hosts.toml) ;; *) rm -f -- "$p" || exit 1 ;; esac; done
for p in "$@"; do rm -f -- "$p" && { rmdir -- "\${p%/*}" 2>/dev/null || :; } || exit 1; done`,
        args: paths,
        timeoutMs: 10_000,
      })
    },
  }
}
