import { kubeletDirectory } from '../../cluster/kubelet-unit.js'
import type { Machine } from '../../cluster/machine.js'
import type { Change, Step } from '../../engine/step.js'
import type { Host } from '../../host/host.js'
import { UserError } from '../../lib/errors.js'
import { kubeletPemPath } from './kubelet-pem.js'

const directory = `${kubeletDirectory}/pki`
const serving = ['kubelet.crt', 'kubelet.key'].map((name) => `${directory}/${name}`)
const rotated = `${directory}/kubelet-server-current.pem`

/**
 * Prints which of a kubelet's own certificates and keys are not whole: it writes them in place and flushes nothing, so that
 * a full disk or a power cut leaves one of a pair, or empty files (apimachinery, util/cert; client-go, certificate_store.go).
 * No kubelet starts with them, or makes them anew. POSIX sh.
 */
const script = `
has() { # a block of PEM of this kind to its end, in a file
  [ -e "$2" ] || return 1
  grep -q -- "-----END $1-----" "$2" && return 0
  [ $? = 1 ] || exit 1
  return 1
}
certificate=CERTIFICATE key='[A-Z ]*PRIVATE KEY'
if [ -e "$1" ] || [ -e "$2" ]; then
  has "$certificate" "$1" && has "$key" "$2" || for f in "$1" "$2"; do [ ! -e "$f" ] || printf '%s\\n' "$f"; done
fi
shift 2
for f in "$@"; do
  [ -e "$f" ] || [ -L "$f" ] || continue
  has "$certificate" "$f" && has "$key" "$f" || printf '%s\\n' "$f"
done
exit 0
`

/** Paths of a kubelet's own certificates and keys that are not whole. Throws UserError('connection') where they cannot be read. */
export async function halfWritten(host: Host): Promise<string[]> {
  const paths = [...serving, rotated, kubeletPemPath]
  const answer = await host.read({
    what: "check the kubelet's own certificates",
    script,
    args: paths,
  })
  if (answer.code !== 0)
    throw new UserError('connection', `cannot read ${directory}`, {
      host: host.name,
      why: answer.stderr.trim(),
    })
  const said = answer.stdout.toString().split('\n')
  return paths.filter((path) => said.includes(path))
}

/**
 * The certificates that a kubelet serves with are whole, or not there: it makes those anew that are not. Its client
 * certificate is another step's.
 */
export const halfWrittenStep = ({ host }: Machine): Step<readonly string[]> => ({
  id: 'kubelet-half-written',
  title: "the kubelet's own certificates are whole",
  target: host.name,
  probe: async () => (await halfWritten(host)).filter((path) => path !== kubeletPemPath),
  diff: (paths) =>
    paths.map(
      (path): Change => ({
        kind: 'remove',
        subjects: [path],
        summary: `remove ${path}, which the kubelet did not write to its end`,
      }),
    ),
  apply: async (changes) => {
    await host.mutate({
      what: "remove the kubelet's half-written certificates",
      script: 'rm -f -- "$@"',
      args: changes.flatMap(({ subjects }) => subjects ?? []),
      timeoutMs: 10_000,
    })
  },
})
