import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'

/**
 * @typedef {object} FileReport
 * @property {string} file path from the root of the repository
 * @property {string} project
 * @property {number} seconds from the start of its first hook to the end of its last
 * @property {{ what: string, seconds: number }[]} hooks those that took a second or more
 * @property {{ name: string, state: string, seconds: number, message: string }[]} tests
 * @property {string[]} errors of the file itself: it does not load, a hook failed
 */

/** A vitest reporter: one FileReport a file, and errors of no file, as JSON in KUBESTRAP_REPORT. */
export default class FileTimes {
  #began = new Map()
  #ended = new Map()
  #hooks = new Map()
  #hookBegan = new Map()

  onTestModuleStart(module) {
    this.#began.set(module.id, performance.now())
  }

  onTestModuleEnd(module) {
    this.#ended.set(module.id, performance.now())
  }

  onHookStart({ name, entity }) {
    this.#hookBegan.set(`${entity.id} ${name}`, performance.now())
  }

  onHookEnd({ name, entity }) {
    const began = this.#hookBegan.get(`${entity.id} ${name}`)
    // vitest does not always tell a start
    if (began === undefined) return
    const seconds = (performance.now() - began) / 1000
    if (seconds < 1) return
    const module = entity.type === 'module' ? entity : entity.module
    const list = this.#hooks.get(module.id) ?? []
    list.push({ what: entity.type === 'module' ? name : `${name} of ${entity.fullName}`, seconds })
    this.#hooks.set(module.id, list)
  }

  onTestRunEnd(modules, unhandled) {
    const files = modules.map((module) => this.#report(module))
    const errors = unhandled.map(({ message, stack }) => stack ?? message)
    writeFileSync(process.env.KUBESTRAP_REPORT, JSON.stringify({ files, errors }))
  }

  /** @returns {FileReport} */
  #report(module) {
    const tests = [...module.children.allTests()].map((test) => ({
      name: test.fullName,
      state: test.result().state,
      seconds: (test.diagnostic()?.duration ?? 0) / 1000,
      message: test.result().errors?.[0]?.message ?? '',
    }))
    const suites = [module, ...module.children.allSuites()]
    return {
      file: relative(process.cwd(), module.moduleId),
      project: module.project.name,
      seconds: ((this.#ended.get(module.id) ?? 0) - (this.#began.get(module.id) ?? 0)) / 1000,
      hooks: this.#hooks.get(module.id) ?? [],
      tests,
      errors: suites.flatMap((suite) => suite.errors().map(({ message }) => message)),
    }
  }
}
