// Runs a function of a TypeScript module in this process: node load.js MODULE FUNCTION [ARGUMENT …]
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createViteServer } from 'vitest/node'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** A TypeScript module of this repository, and what lets go of it again. Its own imports are TypeScript too. */
export async function load(path) {
  const server = await createViteServer({
    root,
    configFile: false,
    appType: 'custom',
    logLevel: 'warn',
    optimizeDeps: { noDiscovery: true },
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  })
  return { module: await server.ssrLoadModule(resolve(root, path)), close: () => server.close() }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , path, name, ...args] = process.argv
  const { module } = await load(path)
  await module[name](...args)
}
