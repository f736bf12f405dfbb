import { expect, test } from 'vitest'
import { run } from '../../../src/cli/run.js'

test.each([
  [['destroy'], 'unknown command destroy', 'kubestrap --help, or kubestrap COMMAND --help'],
  [['certs'], 'unknown command certs', 'kubestrap --help, or kubestrap COMMAND --help'],
  [
    ['statsu'],
    'unknown command statsu',
    'did you mean status? kubestrap --help, or kubestrap COMMAND --help',
  ],
  [
    ['inventory', 'vlidate'],
    'unknown command vlidate',
    'did you mean validate? kubestrap --help, or kubestrap COMMAND --help',
  ],
  [
    ['up', '--lmit', 'w1'],
    'Unknown argument: lmit',
    'did you mean --limit? kubestrap --help, or kubestrap COMMAND --help',
  ],
])('kubestrap %j is an error of the command line: %s', async (argv, message, next) => {
  await expect(run(argv, '0')).rejects.toMatchObject({ kind: 'usage', message, next })
})
