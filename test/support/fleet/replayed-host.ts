import { createHash } from 'node:crypto'
import { lostEpoch, uploadScript, writeScript } from '../../../src/host/mutate-script.js'
import { holdScript } from '../../../src/host/run-lock.js'
import { atWorkScript, letGoScript, takeOverScript } from '../../../src/host/run-scripts.js'
import { type StatQuestion, statScript } from '../../../src/host/stat-script.js'
import { lookScript as routesScript } from '../../../src/networks/bridge/route-table.js'
import { markDirectory } from '../../../src/resources/marks.js'
import { unitsScript } from '../../../src/resources/unit-state.js'
import { saidOfUnits } from '../units-answer.js'
import { type Asked, readFrame } from './read-command.js'
import {
  type Answer,
  changesOf,
  enabledKey,
  type Identity,
  keyOf,
  mutationOf,
  type Path,
  type Recording,
  unitKey,
} from './recording.js'
import { statAnswer } from './stat-answer.js'

/** How a command ended. */
export interface Said {
  code: number
  stdout: Buffer
  stderr: Buffer
}

/** What the cluster sees of a host. */
export interface Kubelet {
  /** Its kubelet was started for the first time: resolves when its Node is registered. */
  join(name: string, address: string): Promise<void>
  /** The pod network's configuration is there. */
  ready(name: string): Promise<void>
}

const conflist = '/etc/cni/net.d/10-kubestrap-bridge.conflist'
const kubeletConf = '/etc/kubernetes/kubelet.conf'
const imagesScript = 'docker image ls'

/**
 * A host that answers as the recorded one did, under a name and an address of its own. It has files that are written, marks,
 * routes, images, and a run that has taken it over; whatever else a change brings about is what it brought about there.
 */
export class ReplayedHost {
  readonly #stands = new Map<string, number>()
  readonly #times = new Map<string, number>()
  readonly #written = new Map<string, Path>()
  readonly #marks = new Set<string>()
  readonly #routes = new Set<string>()
  readonly #images = new Set<string>()
  #epoch = ''
  #owner = ''
  /** Questions that the recorded host was never asked. */
  readonly unknown: string[] = []
  /** What was changed, in a word each. */
  readonly changed: string[] = []

  constructor(
    readonly identity: Identity,
    readonly recording: Recording,
    readonly kubelet: Kubelet,
  ) {}

  /** Does what a command says. @param stdin what comes on its input; a stream of which nothing is needed is not waited for; @param say tells something before it ends */
  async run(asked: Asked, stdin: () => Promise<Buffer>, say: (text: string) => void): Promise<Said> {
    if (asked.script === holdScript) {
      say('held\n')
      const heard = setInterval(() => say('.'), 1_000)
      await stdin()
      clearInterval(heard)
      return said('')
    }
    const questions = readFrame(asked.script)
    if (questions) return said(this.#frame(questions))
    if (asked.script === takeOverScript) return said(this.#takeOver(asked))
    if (asked.script === letGoScript) {
      if (asked.args[0] === this.#epoch) this.#owner = ''
      return said('')
    }
    const change = mutationOf(asked)
    if (!change) return this.#answer(asked)
    if (asked.args[0] !== this.#epoch) return { ...said(''), code: lostEpoch }
    const answer = await this.#change(change, await stdin())
    this.changed.push(asked.args[1] ?? '')
    return said(answer)
  }

  #takeOver({ args: [epoch = '', , words = ''] }: Asked): string {
    const before = this.#atWork()
    this.#epoch = epoch
    this.#owner = `${epoch} ${words}`
    return before
  }

  #atWork(): string {
    return `${this.#epoch ? `epoch ${this.#epoch}\n` : ''}${this.#owner ? `owner ${this.#owner}\n` : ''}end\n`
  }

  #frame(questions: readonly Asked[]): Buffer {
    const answers = questions.map((question) => this.#answer(question))
    const heads = answers.map(
      ({ code, stdout, stderr }, id) => `KS ${id} ${code} ${stdout.length} ${stderr.length}\n`,
    )
    return Buffer.concat([
      Buffer.from(heads.join('')),
      ...answers.flatMap(({ stdout, stderr }) => [stdout, stderr]),
    ])
  }

  #answer(question: Asked): Said {
    const { script, args } = question
    if (script === statScript) {
      const asked = args.flatMap((path, i): StatQuestion[] =>
        i % 2 ? [{ path, content: args[i - 1] === '1' }] : [],
      )
      return said(statAnswer(asked, ({ path, content }) => this.#path(path, content)))
    }
    if (script === atWorkScript) return said(this.#atWork())
    if (script === routesScript) return said(this.#routeTable())
    if (script.startsWith("printf 'route get")) return said(this.#waysTo(args))
    if (script === 'date +%s.%N') return said(clock())
    if (script.includes('\nsystem_containers()')) return said(`${Math.floor(Date.now() / 1000)}\n\n`)
    if (script === unitsScript)
      return said(
        saidOfUnits(
          args,
          (unit) => this.#ofUnit(unitKey(unit)),
          (unit) => this.#ofUnit(enabledKey(unit)),
        ),
      )
    const key = this.#recorded(keyOf(question))
    const answers = this.recording.questions[key]
    if (!answers) {
      this.unknown.push(`${script.trim().slice(0, 100)} ${args.join(' ')}`)
      return { code: 1, stdout: Buffer.alloc(0), stderr: Buffer.from('nobody was ever asked this') }
    }
    if (script.includes(imagesScript)) return said(this.#imageList(answers))
    const found = this.#own(this.#standing(key, answers))
    if (script.includes('section time;'))
      found.stdout = Buffer.from(found.stdout.toString().replace(/\n@time\n[\d.]+/, `\n@time\n${clock()}`))
    return found
  }

  #ofUnit(key: string): string {
    const recorded = this.#recorded(key)
    const answers = this.recording.questions[recorded]
    if (answers) return this.#own(this.#standing(recorded, answers)).stdout.toString()
    this.unknown.push(key)
    return ''
  }

  #standing<T>(key: string, all: readonly T[]): T {
    const one = all[this.#stands.get(key) ?? 0]
    if (one === undefined) throw new Error('a recording without an answer')
    return one
  }

  #path(path: string, content: boolean): Path {
    if (path.startsWith(`${markDirectory}/`))
      return this.#marks.has(path.slice(markDirectory.length + 1)) ? emptyFile : { kind: 'absent' }
    const written = this.#written.get(path)
    if (written) return written
    const all = this.recording.paths[path]
    if (!all) {
      this.unknown.push(`look at ${path}`)
      return { kind: 'absent' }
    }
    const state = this.#standing(path, all)
    if (state.kind !== 'file') return state
    if (state.content === undefined) {
      if (content) this.unknown.push(`content of ${path}`)
      return state
    }
    const text = this.#own({ code: 0, stdout: state.content, stderr: '' }).stdout
    return fileOf(path === kubeletConf ? this.#ofItsCluster(text) : text, state)
  }

  /** What its kubelet wrote, with the authority of the cluster it is in. */
  #ofItsCluster(text: Buffer): Buffer {
    const ca = this.#written.get('/etc/kubernetes/pki/ca.crt')
    const data = ca?.kind === 'file' ? ca.content : undefined
    return data === undefined
      ? text
      : Buffer.from(text.toString().replace(/(certificate-authority-data: )\S+/, `$1${data}`))
  }

  /** All of them are on its own link. */
  #waysTo(addresses: readonly string[]): string {
    const { address } = this.identity
    return addresses.map((one) => `${one} dev eth0 src ${address} uid 0 \n    cache \n`).join('')
  }

  #routeTable(): string {
    const file = this.#written.get('/etc/kubestrap/bridge/routes/_nodes')
    const text = file?.kind === 'file' ? Buffer.from(file.content ?? '', 'base64').toString() : ''
    const recorded = text.replace(/^(?=.)/gm, 'file ')
    return `${recorded}default via 10.91.0.1 dev eth0 \n${[...this.#routes].map((route) => `${route} dev eth0 \n`).join('')}`
  }

  /** Those that were loaded, as the list of all of them has them. */
  #imageList(answers: readonly Answer[]): string {
    const all = Buffer.from(answers.at(-1)?.stdout ?? '', 'base64').toString()
    const lines = all.split(/(?<=\n)/)
    const loaded = [...this.#images]
    return lines.filter((line) => loaded.some((image) => image.endsWith(line.split(' ')[0] ?? '-'))).join('')
  }

  async #change(change: Asked & { notes: readonly string[] }, stdin: Buffer): Promise<string> {
    const { script, args, notes } = change
    const isWrite = script === writeScript
    if (isWrite) await this.#write(args, stdin.toString().split('\n'))
    else if (script === uploadScript) {
      const [path = '', mode = '', sha256 = ''] = args
      this.#written.set(path, { kind: 'file', mode, owner: 'root:root', size: 4096, sha256 })
    } else if (script.startsWith('docker load')) this.#images.add(notes[1] ?? '')
    else if (script.includes('ip -force -batch')) this.#batch(stdin.toString())
    else if (args[0] === markDirectory && script.includes('touch'))
      for (const mark of args.slice(1)) this.#marks.add(mark)
    else if (script.startsWith('rm -f -- "$'))
      for (const path of args) this.#written.set(path, { kind: 'absent' })
    if (script.includes('rm -f "$2/$5"')) this.#marks.delete(args[4] ?? '')
    if (script.includes('rm -f "/run/kubestrap/restart/$1"')) {
      this.#marks.delete(args[0] ?? '')
      await this.kubelet.join(this.identity.name, this.identity.address)
    }
    for (const key of changesOf(change).map((one) => this.#recorded(one))) this.#flip(key)
    return isWrite ? args.flatMap((_, i) => (i % 6 === 0 ? ['ok\n'] : [])).join('') : ''
  }

  #flip(change: string): void {
    const flips = this.recording.flips[change]
    if (!flips) return
    const nth = this.#times.get(change) ?? 0
    this.#times.set(change, nth + 1)
    for (const { of, key, to } of flips[Math.min(nth, flips.length - 1)] ?? []) {
      this.#stands.set(key, Math.max(to, this.#stands.get(key) ?? 0))
      if (of === 'paths') this.#written.delete(key)
    }
  }

  async #write(args: readonly string[], contents: readonly string[]): Promise<void> {
    for (let i = 0; i * 6 < args.length; i += 1) {
      const [path = '', mode = '', owner = '', , marks = ''] = args.slice(i * 6)
      for (const mark of marks.split(' '))
        if (mark !== '' && !/^(static-pod|container)-/.test(mark)) this.#marks.add(mark)
      this.#written.set(path, fileOf(Buffer.from(contents[i] ?? '', 'base64'), { mode, owner }))
      if (path === conflist) await this.kubelet.ready(this.identity.name)
    }
  }

  #batch(text: string): void {
    for (const line of text.split('\n')) {
      const [, verb, route = ''] = /^route (replace|del) (.*)$/.exec(line) ?? []
      if (verb === 'del') this.#routes.delete(route)
      else if (verb) this.#routes.add(route)
    }
  }

  /** A key as the recorded host's is. */
  #recorded(key: string): string {
    const { name, address } = this.identity
    const of = this.recording.identity
    return key.replaceAll(name, of.name).replaceAll(address, of.address)
  }

  #own({ code, stdout, stderr }: Answer): Said {
    const of = this.recording.identity
    const text = (base64: string): Buffer => {
      const whole = Buffer.from(base64, 'base64')
      const names: readonly (keyof Identity)[] = ['name', 'address', 'mac', 'machineId']
      const found = names.filter((one) => whole.includes(of[one]))
      if (found.length === 0) return whole
      return Buffer.from(
        found.reduce((sum, one) => sum.replaceAll(of[one], this.identity[one]), whole.toString('latin1')),
        'latin1',
      )
    }
    return { code, stdout: text(stdout), stderr: text(stderr) }
  }
}

function fileOf(content: Buffer, { mode, owner }: { mode: string; owner: string }): Path & { kind: 'file' } {
  const sha256 = createHash('sha256').update(content).digest('hex')
  return { kind: 'file', mode, owner, size: content.length, sha256, content: content.toString('base64') }
}

const clock = (): string => (Date.now() / 1000).toFixed(6)

const emptyFile = fileOf(Buffer.alloc(0), { mode: '0644', owner: 'root:root' })

const said = (stdout: string | Buffer): Said => ({
  code: 0,
  stdout: Buffer.isBuffer(stdout) ? stdout : Buffer.from(stdout),
  stderr: Buffer.alloc(0),
})
