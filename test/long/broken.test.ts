import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { cp1, inventory, kubestrap, machines, on, w1, w2, whyNot } from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'

const reason = whyNot()

/** Machines as people have them: something is wrong with each, and the message says what and what to do. */
describe.skipIf(reason !== undefined)(`broken on purpose${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let lab = ''
  const mends: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    lab = inventory('lab', undefined, { bare: true })
    await kubestrap('lab', 'down', '-i', lab)
    const made = await Promise.all([kubestrap('lab', 'up', '-i', lab), kubestrap('lab', 'bundle', '-i', lab)])
    expect(made.map(({ code }) => code)).toEqual([0, 0])
  })

  afterAll(async () => {
    await kubestrap('lab', 'down', '-i', lab)
  })

  afterEach(async () => {
    for (const mend of mends.splice(0).reverse()) await mend()
  })

  const breaks = async (machine: string, how: string, mend: string): Promise<void> => {
    mends.push(() => on(machine, mend))
    await on(machine, how)
  }

  /** What up says on its standard error when it fails, and shows when the tests run. */
  const complaint = async (file: string, code: number, ...options: string[]): Promise<string> => {
    const ran = await kubestrap('up', '--yes', '-i', file, '-o', 'plain', '--no-verify', ...options)
    process.stderr.write(`\n${ran.stderr}\n`)
    expectCode(ran, code)
    return ran.stderr
  }

  /** Nothing of ours is on a machine. */
  const untouched = async (...names: string[]): Promise<void> => {
    for (const name of names) expect(await on(name, 'ls /var/lib/kubestrap 2>/dev/null || :'), name).toBe('')
  }

  describe('before anything is touched', () => {
    afterEach(() => untouched(cp1, w1, w2))

    test.each(['status', 'verify'])('no cluster yet, and %s says so', async (command) => {
      const told = await kubestrap(command, '-i', lab)
      expect([told.code, told.stderr]).toEqual([6, expect.stringContaining('the cluster does not exist yet')])
    })

    test('two machines cloned with one machine id', async () => {
      const id = await on(w1, 'cat /etc/machine-id')
      const own = await on(w2, 'cat /etc/machine-id')
      await breaks(w2, `echo ${id.trim()} >/etc/machine-id`, `echo ${own.trim()} >/etc/machine-id`)
      const said = await complaint(lab, 4)
      expect(said).toContain(`MachineId`)
      expect(said).toContain(`same machine ID as ${w1}: ${id.trim()}`)
      expect(said).toContain('systemd-machine-id-setup')
    })

    // machines of the lab share one clock: what is asked for it is another's (a time namespace does not shift it)
    test('a clock that is half a minute ahead', async () => {
      await breaks(
        w2,
        `printf '#!/bin/sh\\nexec /bin/date -d "+30 seconds" "$@"\\n' >/usr/local/bin/date && chmod +x /usr/local/bin/date`,
        'rm /usr/local/bin/date',
      )
      const said = await complaint(lab, 4)
      expect(said).toMatch(
        new RegExp(
          `${w2}: \\[ClockSkew\\] the clock is (29|30)\\.\\d s .*ahead of the clock of (${cp1}|${w1})`,
        ),
      )
    })

    test('a port of the kubelet that another program has', async () => {
      await breaks(
        w1,
        'systemd-run -q --unit=taker systemd-socket-activate -l 10250 /bin/true; until ss -ltn | grep -q :10250; do sleep 0.1; done',
        'systemctl stop taker || :',
      )
      const said = await complaint(lab, 4)
      expect(said).toMatch(new RegExp(`${w1}.*Ports|Ports.*${w1}`))
      expect(said).toContain('10250')
    })

    test('a way between two machines that is closed', async () => {
      const route = `${machines[cp1]}/32`
      await breaks(w2, `ip route add unreachable ${route}`, `ip route del unreachable ${route}`)
      const said = await complaint(lab, 4)
      expect(said).toContain('PortReach')
      expect(said).toContain(`rejected on the way to ${cp1} ${machines[cp1]}:6443`)
      expect(said).toContain('firewalls')
    })

    test('a container runtime from elsewhere', async () => {
      await breaks(
        w1,
        'printf "#!/bin/sh\\n" >/usr/local/bin/dockerd && chmod +x /usr/local/bin/dockerd',
        'rm /usr/local/bin/dockerd',
      )
      const said = await complaint(lab, 4)
      expect(said).toContain('ContainerRuntime')
      expect(said).toContain('dockerd (/usr/local/bin/dockerd) conflicts with the package docker.io')
    })

    test('an address that is not the machine’s own', async () => {
      // no lab: its machines would have to be on its bridge
      const file = inventory('address', (text) =>
        text
          .replace(`address: ${machines[w2]},`, `address: 192.0.2.77, ssh: { host: ${machines[w2]} },`)
          .replace(/^lab:\n(?: .*\n?)*/m, ''),
      )
      const said = await complaint(file, 4)
      expect(said).toContain('Address')
      expect(said).toContain('192.0.2.77')
      expect(said).toContain(machines[w2] ?? '')
    })
  })

  describe('on the way', () => {
    test('an image that neither the bundle nor a registry has', async () => {
      const file = inventory('image', (text) =>
        text
          .replace('imageTag: "3.4.23-0"', 'imageTag: "3.4.99-0"')
          .replace(new RegExp(`^ {2}(${w1}|${w2}):.*\n`, 'gm'), ''),
      )
      expect(await complaint(file, 4)).toContain('ImagePull')
      const said = await complaint(file, 6, '--ignore-preflight', 'ImagePull')
      expect(said).toContain('pull image k8s.gcr.io/etcd:3.4.99-0')
      expect(said).toContain('likely cause (KS0301): image k8s.gcr.io/etcd:3.4.99-0 is not on the host')
    })

    test('a disk that is too small for the images', async () => {
      const without = inventory('two', (text) => text.replace(new RegExp(`^ {2}${w2}:.*\n`, 'm'), ''))
      await breaks(
        w1,
        'mkdir -p /var/lib/docker && mount -t tmpfs -o size=24M none /var/lib/docker',
        'systemctl stop docker docker.socket; umount /var/lib/docker',
      )
      const said = await complaint(without, 6)
      expect(said).toContain(w1)
      expect(said).toContain('no space left on device')
      expect(said).toContain('likely cause (KS0101): a disk is full')
    })

    test('mended, the same command goes on to the end', async () => {
      const without = inventory('two', (text) => text.replace(new RegExp(`^ {2}${w2}:.*\n`, 'm'), ''))
      const ran = await kubestrap('up', '--yes', '-i', without, '-o', 'plain', '--no-verify')
      expect(ran.code, ran.stdout + ran.stderr).toBe(0)
    })

    test('a flag that the kubelet does not know', async () => {
      const file = inventory('flag', (text) =>
        text.replace(`${machines[w2]}, `, `${machines[w2]}, kubelet: { extraArgs: { no-such-flag: "1" } }, `),
      )
      const said = await complaint(file, 6)
      expect(said).toContain('likely cause (KS0405): --no-such-flag is no flag of this version')
      expect(said).toContain('full log: ')
    })

    test('a cgroup driver that is not the runtime’s', async () => {
      const file = inventory('cgroup', (text) =>
        text.replace(
          `${machines[w2]}, `,
          `${machines[w2]}, kubelet: { config: { cgroupDriver: systemd } }, `,
        ),
      )
      const said = await complaint(file, 6)
      // the kubelet of the test before this one was still being started anew: those starts do not count
      const starts = await on(w2, 'systemctl show -p NRestarts --value kubelet')
      expect(Number(starts)).toBeLessThanOrEqual(2)
      expect(said).toContain(
        'likely cause (KS0207): kubelet and container runtime use different cgroup drivers',
      )
    })

    test('a flag that the scheduler does not know', async () => {
      const file = inventory('scheduler', (text) =>
        text
          .replace('runtime: docker', 'runtime: docker\nscheduler: { extraArgs: { no-such-flag: "1" } }')
          .replace(new RegExp(`^ {2}${w2}:.*\n`, 'm'), ''),
      )
      const said = await complaint(file, 6)
      expect(said).toContain('kube-scheduler exits after each start')
      expect(said).toContain('likely cause (KS0405): --no-such-flag is no flag of this version')
    })

    test('all of it taken back, the cluster is whole', async () => {
      const ran = await kubestrap('up', '--yes', '-i', lab, '-o', 'plain')
      expect(ran.code, ran.stdout + ran.stderr).toBe(0)
      expect(ran.stdout).toMatch(/Pod to Pod across nodes: .*\[passed/)
    })

    test('a worker that is taken out leaves no route behind, and may come back', async () => {
      const gone = await kubestrap('reset', '-i', lab, '--yes', '-o', 'plain', w2)
      expectCode(gone, 0)
      const without = inventory('two', (text) => text.replace(new RegExp(`^ {2}${w2}:.*\n`, 'm'), ''))
      const ways = 'ip route | grep -c "via ADDRESS" || :'.replace('ADDRESS', machines[w2] ?? '')
      expect(await on(w1, ways)).toBe('1\n')
      const ran = await kubestrap('up', '--yes', '-i', without, '-o', 'plain', '--no-verify')
      expect(ran.code, ran.stdout + ran.stderr).toBe(0)
      expect(ran.stdout).toContain(`the Pods of ${w2}`)
      for (const name of [cp1, w1]) expect(await on(name, ways), name).toBe('0\n')
      expect((await kubestrap('up', '--yes', '-i', without, '-o', 'plain')).stdout).toContain(
        'Nothing to change',
      )
      const back = await kubestrap('up', '--yes', '-i', lab, '-o', 'plain', '--no-verify')
      expect(back.code, back.stdout + back.stderr).toBe(0)
      for (const name of [cp1, w1]) expect(await on(name, ways), name).toBe('1\n')
    })

    test('a machine that is away is no reason for status to say nothing', async () => {
      await kubestrap('lab', 'kill', '-i', lab, w2)
      const told = await kubestrap('status', '-i', lab)
      expectCode(told, 7)
      expect(told.stdout).toContain(`${w2} cannot be reached`)
      expect(told.stdout).toContain(`kubestrap remove --gone --edit-inventory ${w2}`)
      expect(told.stdout).not.toContain('The cluster matches the inventory')
    })
  })
})
