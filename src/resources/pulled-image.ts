import type { Need, Step } from '../engine/step.js'
import type { Host } from '../host/host.js'
import type { HostImage, Runtime } from '../runtimes/runtime.js'

/** An image in gigabytes over a slow line. */
const pullMs = 900_000

/** An image that the machine fetches from its registry, unless it has one under this reference. */
export function pulledImage(
  host: Host,
  runtime: Runtime,
  wish: { reference: string; present(): Promise<readonly HostImage[]>; needs?: readonly Need[] },
): Step<readonly HostImage[]> {
  const { reference } = wish
  return {
    id: `image:${reference}`,
    title: reference,
    target: host.name,
    ...(wish.needs ? { needs: wish.needs } : {}),
    settle: { withinMs: 10_000, everyMs: 200 },
    probe: wish.present,
    diff: (images) =>
      images.some((other) => other.reference === reference)
        ? []
        : [{ kind: 'install', summary: `pull image ${reference}` }],
    apply: async () => {
      await host.mutate({
        what: `pull image ${reference}`,
        script: runtime.pullScript,
        args: [reference],
        timeoutMs: pullMs,
        ledger: [`image ${reference}`],
      })
    },
  }
}
