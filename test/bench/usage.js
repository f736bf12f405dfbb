// Loaded before the program that is measured: at its end it writes what the process has used.
import { writeFileSync } from 'node:fs'
import https from 'node:https'
import { syncBuiltinESMExports } from 'node:module'

const file = process.env.KUBESTRAP_BENCH_USAGE
let requests = 0
const { request } = https
https.request = (...args) => {
  requests += 1
  return request(...args)
}
syncBuiltinESMExports()

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  if (file)
    writeFileSync(
      file,
      JSON.stringify({
        wallMs: performance.now(),
        cpuMs: (userCPUTime + systemCPUTime) / 1000,
        rssMiB: maxRSS / 1024,
        requests,
      }),
    )
})
