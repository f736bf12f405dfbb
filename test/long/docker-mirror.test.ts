import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cp1, directory, gateway, inventory, kubestrap, on, w1, w2, whyNot } from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import { type Registry, startRegistry } from '../support/registry.js'

const reason = whyNot()

/** A control plane alone, with a few more lines; the path of its inventory. */
const alone = (name: string, more = ''): string =>
  inventory(name, (text) =>
    text
      .replace('runtime: docker', `runtime: docker\n${more}`)
      .replace(new RegExp(`^ {2}(${w1}|${w2}):.*\n`, 'gm'), ''),
  )

describe.skipIf(reason !== undefined)(`Docker and a mirror${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let lab = ''
  let edited = ''
  let registry: Registry

  beforeAll(async () => {
    lab = alone('mirror')
    await kubestrap('lab', 'down', '-i', inventory('lab'))
    const made = await kubestrap('lab', 'quickstart', '-i', lab, '-o', 'plain')
    if (made.code !== 0) throw new Error(`quickstart failed:\n${made.stdout}\n${made.stderr}`)
    registry = await startRegistry(join(directory, 'registry'), gateway)
    edited = alone(
      'mirror-edited',
      `registries:
  docker.io: { mirrors: [${registry.url}] }
  "${registry.url.slice('https://'.length)}": { caFile: ${registry.caFile} }`,
    )
  })

  afterAll(async () => {
    await registry.close()
    await kubestrap('lab', 'down', '-i', lab)
  })

  test('it is taken up by a reload: daemon and containers go on', async () => {
    // what verification started may still be ending
    const running =
      'systemctl show -p MainPID docker; docker ps -q --filter label=io.kubernetes.pod.namespace=kube-system | sort'
    const before = await on(cp1, running)
    const ran = await kubestrap('up', '--yes', '-i', edited, '-o', 'plain', '--no-verify')
    expectCode(ran, 0)
    expect(ran.stdout).toContain('edit /etc/docker/daemon.json (reloads docker.service)')
    expect(await on(cp1, running)).toBe(before)
    expect((await kubestrap('up', '--yes', '-i', edited, '-o', 'plain', '--no-verify')).stdout).toContain(
      'Nothing to change',
    )
  })

  test('images of Docker Hub come from it, by its own authority', async () => {
    await on(cp1, 'docker pull --quiet docker.io/library/mirrored:1')
    expect(registry.asked).toContain('HEAD /v2/library/mirrored/manifests/1')
  })

  test('reset leaves nothing of it', async () => {
    expectCode(await kubestrap('reset', '-i', edited, '--yes', '-o', 'plain'), 0)
    expect(await on(cp1, 'ls -A /etc/docker 2>/dev/null || :')).not.toMatch(/daemon.json|certs.d/)
  })
})
