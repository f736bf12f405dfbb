// The command as one file: a thousand modules cost a second of processor time at each start, the bundle a quarter.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { defineConfig } from 'rolldown'

/** The nearest directory above a file that has a package.json with a name: its package. */
function packageOf(file) {
  for (let directory = dirname(file); directory !== dirname(directory); directory = dirname(directory)) {
    const path = join(directory, 'package.json')
    if (!existsSync(path)) continue
    const { name, version, license } = JSON.parse(readFileSync(path, 'utf8'))
    if (name !== undefined) return { directory, name, version, license }
  }
  throw new Error(`${file} is in no package`)
}

/** Writes the licences of the packages whose code is in the bundle beside it, as they ask for. */
const licences = {
  name: 'licences',
  generateBundle(_options, bundle) {
    const files = Object.values(bundle).flatMap((chunk) => chunk.moduleIds ?? [])
    const packages = new Map(
      files
        .filter((file) => file.includes('/node_modules/') && existsSync(file))
        .map((file) => {
          const one = packageOf(file)
          return [`${one.name} ${one.version} (${one.license})`, one.directory]
        }),
    )
    const texts = [...packages]
      .sort(([one], [other]) => one.localeCompare(other))
      .map(([title, directory]) => {
        const names = readdirSync(directory).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name))
        return [title, ...names.map((name) => readFileSync(join(directory, name), 'utf8').trim())].join(
          '\n\n',
        )
      })
    this.emitFile({
      type: 'asset',
      fileName: 'LICENSES.txt',
      source: `${texts.join(`\n\n${'-'.repeat(72)}\n\n`)}\n`,
    })
  },
}

export default defineConfig({
  input: { kubestrap: 'dist/cli/main.js' },
  platform: 'node',
  // has parts in C++ that are built where it is installed
  external: ['ssh2'],
  plugins: [licences],
  output: { dir: 'dist/command', format: 'esm', chunkFileNames: '[name].js', cleanDir: true },
})
