import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitepress'
import { linksWithin } from './links.js'
import { outlineOf } from './outline.js'
import { slugOf } from './slug.js'

const docs = fileURLToPath(new URL('..', import.meta.url))

export default defineConfig({
  title: 'kubestrap',
  description: 'Kubernetes clusters over SSH from one inventory file',
  rewrites: { 'README.md': 'index.md', 'causes/README.md': 'causes/index.md' },
  markdown: { anchor: { slugify: slugOf }, config: (md) => md.use(linksWithin(docs)) },
  themeConfig: {
    sidebar: outlineOf(readFileSync(`${docs}README.md`, 'utf8')),
    outline: 'deep',
    search: { provider: 'local' },
    // no other site is asked for anything
    socialLinks: [],
  },
})
