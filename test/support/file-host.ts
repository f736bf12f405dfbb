import type { Machine } from '../../src/cluster/machine.js'
import type { Exited } from '../../src/host/connection.js'
import type { FileState, FileWrite, Host, Read } from '../../src/host/host.js'
import { Secret } from '../../src/lib/secret.js'

export interface FileHost {
  machine: Machine
  /** Text of each file, by path; what is written comes here. */
  files: Map<string, string>
  /** What was done, in order: "write PATH", or a mutation's words and arguments. */
  done: string[]
}

const exited = (stdout: string, code = 0): Exited => ({
  kind: 'exited',
  code,
  stdout: Buffer.from(stdout),
  stderr: code === 0 ? '' : 'not there',
})

/**
 * A machine whose files are these, of mode 0600 for keys and kubeconfigs, 0644 else. It answers `cat PATH`, `rm`, and
 * the questions of `answers`; whatever else it is asked it has no answer to.
 */
export function fileHost(
  machine: Machine,
  texts: Readonly<Record<string, string>>,
  answers: (question: Read) => string | undefined = () => undefined,
): FileHost {
  const files = new Map(Object.entries(texts))
  const done: string[] = []
  const stateOf = (path: string): FileState => {
    const text = files.get(path)
    if (text === undefined) return { kind: 'absent' }
    const mode = /\.(key|conf)$/.test(path) ? '0600' : '0644'
    return {
      kind: 'file',
      mode,
      owner: 'root:root',
      size: text.length,
      sha256: '',
      content: Buffer.from(text),
    }
  }
  const host: Host = {
    ...machine.host,
    name: machine.spec.name,
    stat: async (path) => stateOf(path),
    read: async (question) => {
      const said = answers(question)
      if (said !== undefined) return exited(said)
      const [path = ''] = question.args ?? []
      if (question.script === 'cat -- "$1"') {
        const text = files.get(path)
        return text === undefined ? exited('', 1) : exited(text)
      }
      if (question.script.includes('sed -n "/BEGIN CERTIFICATE/')) return exited(files.get(path) ?? '')
      throw new Error(`nobody expected to be asked: ${question.what ?? question.script}`)
    },
    write: async ({ path, content }: FileWrite) => {
      done.push(`write ${path}`)
      files.set(path, content instanceof Secret ? content.reveal() : content.toString())
    },
    mutate: async ({ script, args = [], what }) => {
      done.push([what ?? script, ...args].join(' '))
      if (script.startsWith('rm -f -- "$1" && mv -fT')) {
        const [certificate = '', key = '', newCertificate = '', newKey = ''] = args
        files.set(key, files.get(newKey) ?? '')
        files.set(certificate, files.get(newCertificate) ?? '')
        for (const path of [newKey, newCertificate]) files.delete(path)
      } else if (script.startsWith('rm -f')) for (const path of args) files.delete(path)
      return exited('')
    },
  }
  return { machine: { ...machine, host }, files, done }
}
