import type { Program, Programs } from '../../src/sources/program.js'

/** A program that is sent from here; nothing in the file is read before it is. */
export const sentProgram = (name: string): Program => ({
  name,
  sha256: 'a'.repeat(64),
  origin: { kind: 'file', path: `/nowhere/${name}.gz`, gzip: true, size: 1 },
})

/** A program that hosts fetch. */
export const fetchedProgram = (name: string): Program => ({
  name,
  sha256: 'b'.repeat(64),
  origin: { kind: 'url', url: `https://releases.test/${name}`, way: { ca: undefined } },
})

/** Every program, sent. */
export const sentPrograms: Programs = { from: 'the bundle is for', arches: ['amd64'], program: sentProgram }
