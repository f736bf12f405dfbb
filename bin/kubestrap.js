#!/usr/bin/env node
// A failure until the last step says otherwise: a process whose promises all wait for something that never comes
// just ends.
process.exitCode = 1
import('../dist/command/kubestrap.js').then(({ main }) => main(process.argv.slice(2)))
