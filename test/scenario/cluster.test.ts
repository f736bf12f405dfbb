import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { whyNot } from '../support/e2e-lab.js'
import { deferred } from '../support/host-deferred.js'
import { convergenceProblems, kubectl } from '../support/simulated/convergence.js'
import { identity } from '../support/simulated/identity.js'
import { type Ran, runUp } from '../support/simulated/run-up.js'
import { simulatedSpec } from '../support/simulated/spec.js'
import { foreignAuthority, Stage } from '../support/simulated/stage.js'
import type { World } from '../support/simulated/world.js'
import { atRest, filesOf, snapshotOf } from '../support/simulated/world-snapshot.js'
import { differing } from '../support/snapshot.js'

const reason = whyNot()

// One cluster of two simulated hosts (see simulated-host.ts); the tests build on one another.
describe.skipIf(reason !== undefined)(
  `a cluster on simulated hosts${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let stage: Stage
    let world: World
    let birth: Ran
    const spec = () => simulatedSpec(stage.materials.bundle)
    beforeAll(async () => {
      stage = await Stage.set()
      world = await stage.world()
      const { file } = await runUp(world, spec(), { plan: true })
      birth = await runUp(world, spec(), { byPlan: file })
    })
    afterAll(() => stage?.strike())

    test('is born from nothing by a plan that was read, with every preflight check content but for what up mends', async () => {
      expect(birth.errors).toEqual([])
      expect([birth.file?.cluster, birth.interruptions]).toEqual([null, []])
      const swap =
        '[Swap] swap is on (/dev/vdb) → nothing to do: up turns it off, and what systemd and the services it knows would turn on at boot'
      expect(birth.warnings).toEqual([
        `cp1, w1: ${swap}`,
        '[Hostname] same host name as cp1: debian → a cloned machine? up sets its host name to w1',
      ])
      expect(await convergenceProblems(world, spec(), identity(world))).toEqual([])
      expect(Object.keys(identity(world)).filter((key) => key.startsWith('cp1:'))).toHaveLength(8)
    })

    test('has a worker whose certificate the cluster itself issued', async () => {
      const requests = await kubectl(
        world,
        `get csr -o jsonpath='{range .items[*]}{.spec.username} {.spec.signerName} {.status.conditions[*].type}{"\\n"}{end}'`,
      )
      expect(requests).toMatch(
        /^system:bootstrap:[a-z0-9]{6} kubernetes\.io\/kube-apiserver-client-kubelet Approved$/m,
      )
      // the token of the join is gone
      expect(await kubectl(world, 'get secrets -n kube-system -o name')).not.toContain('bootstrap-token')
    })

    describe('is changed in nothing, seen from outside,', () => {
      test('by a second up, which asks each host a fixed small number of times', async () => {
        await atRest(world)
        const before = await snapshotOf(world)
        expect(Object.keys(before.files).length).toBeGreaterThan(100)
        expect(Object.keys(before.objects).length).toBeGreaterThan(100)
        const again = await runUp(world, spec())
        expect(again).toMatchObject({ ok: true, changed: [], mutations: [] })
        const after = await snapshotOf(world)
        expect(differing(before.files, after.files)).toEqual([])
        expect(differing(before.objects, after.objects)).toEqual([])
        expect(again.roundTrips).toEqual({ cp1: 2, w1: 2 })
      })

      test('by a plan, also where there is something to change', async () => {
        await world.host('w1').run('echo "# edited" >>/var/lib/kubelet/kubeadm-flags.env')
        const before = await snapshotOf(world)
        const plan = await runUp(world, spec(), { plan: true })
        expect(plan).toMatchObject({ ok: true, mutations: [], planned: { changes: 1 } })
        const after = await snapshotOf(world)
        expect(differing(before.files, after.files)).toEqual([])
        expect(differing(before.objects, after.objects)).toEqual([])
        const back = await runUp(world, spec())
        expect(back.errors).toEqual([])
        expect(back.changed).toEqual([
          'w1/file:/var/lib/kubelet/kubeadm-flags.env',
          'w1/service:kubelet.service',
        ])
      })
    })

    test('is changed by a plan that was read in that and in nothing else, or not at all', async () => {
      const flags = '/var/lib/kubelet/kubeadm-flags.env'
      const modules = '/etc/modules-load.d/kubestrap.conf'
      const edit = (command: string): Promise<string> => world.host('w1').run(command)
      await edit(`echo "# edited" >>${flags}`)
      const { file, asks, interruptions } = await runUp(world, spec(), { plan: true })
      expect(asks).toBe(true)
      expect(interruptions).toMatchObject([{ host: 'w1', restarts: ['kubelet.service'], lacks: ['node'] }])
      expect(file?.steps.map(({ key }) => key)).toEqual([`w1/file:${flags}`])

      await edit(
        `cp ${flags} ${flags}.kept; cp ${modules} ${modules}.kept; echo "# again" | tee -a ${flags} ${modules}`,
      )
      const refused = await runUp(world, spec(), { byPlan: file })
      expect(refused.errors.join('\n')).toMatch(/w1: .*: other changes than in the plan/)
      expect(refused.errors.join('\n')).toMatch(/w1: kernel modules at boot: not in the plan/)
      expect(refused.mutations).toEqual([])

      await edit(`mv ${flags}.kept ${flags}; mv ${modules}.kept ${modules}`)
      const applied = await runUp(world, spec(), { byPlan: file })
      expect(applied.errors).toEqual([])
      expect(applied.changed).toEqual([`w1/file:${flags}`, 'w1/service:kubelet.service'])
      expect(await runUp(world, spec())).toMatchObject({ ok: true, changed: [], mutations: [] })

      const late = await runUp(world, spec(), { byPlan: file })
      expect(late.errors.join('\n')).toContain('in the plan, and nothing is to be changed any more')
      expect(late.mutations).toEqual([])
    })

    test.each([
      ['/etc/kubernetes/pki/apiserver.crt', 'certificate:apiserver', 'kube-apiserver'],
      ['/etc/kubernetes/pki/etcd/peer.key', 'certificate:etcd/peer', 'etcd'],
      ['/etc/kubernetes/scheduler.conf', 'kubeconfig:scheduler.conf', 'kube-scheduler'],
    ])('has %s made anew by the same authority when it is taken away', async (path, step, reader) => {
      const known = identity(world)
      const { pods } = world.host('cp1').kubelet
      const before = pods.ids()
      await world.host('cp1').run('rm -- "$1"', path)
      const ran = await runUp(world, spec())
      expect(ran).toMatchObject({ ok: true, changed: [`cp1/${step}`, `cp1/static-pod:${reader}`] })
      expect(await convergenceProblems(world, spec(), known)).toEqual([])
      expect(pods.ids()[reader]).not.toBe(before[reader])
    })

    test('has what its kubelet wrote half removed, and a worker without credentials joins again', async () => {
      const pki = '/var/lib/kubelet/pki'
      await world.host('cp1').run(`: >${pki}/kubelet.crt`)
      await world.host('w1').run(`: >"$(readlink -f ${pki}/kubelet-client-current.pem)"`)
      const ran = await runUp(world, spec())
      expect(ran.errors).toEqual([])
      expect(ran.changed).toEqual(expect.arrayContaining(['cp1/kubelet-half-written', 'w1/join']))
      expect(world.host('cp1').exists(`${pki}/kubelet.crt`)).toBe(false)
      expect(world.host('w1').read(`${pki}/kubelet-client-current.pem`)).toContain('PRIVATE KEY')
      expect(await convergenceProblems(world, spec(), identity(world))).toEqual([])
    })

    /** A run that is about to change something, and goes on when it is let. */
    const begun = async (words: string) => {
      await world.host('cp1').run('rm /etc/kubernetes/scheduler.conf /etc/kubernetes/controller-manager.conf')
      const changing = deferred()
      const released = deferred()
      const ended = runUp(world, spec(), {
        words,
        held: () => {
          changing.resolve()
          return released.promise
        },
      })
      await changing.promise
      return { ended, goOn: released.resolve }
    }

    test('is the first run’s: another that begins in the middle of it is refused, or waits and finds nothing to do', async () => {
      const first = await begun('the first')
      const waiting = runUp(world, spec(), { words: 'the third', waitMs: 600_000 })
      const refused = await runUp(world, spec(), { words: 'the second' })
      first.goOn()
      expect(refused).toMatchObject({
        errors: ['another run holds the cluster: the first'],
        mutations: [],
      })
      const { ok, changed, errors } = await first.ended
      expect([ok, errors, changed.length > 0]).toEqual([true, [], true])
      expect(await waiting).toMatchObject({ ok: true, errors: [], changed: [], mutations: [] })
    })

    test('is taken over by a run that says so in the middle of another, which ends and says so', async () => {
      const first = await begun('the first')
      const second = await runUp(world, spec(), { takeOver: true })
      first.goOn()
      expect(second.errors).toEqual([])
      expect(second.ok).toBe(true)
      const { errors } = await first.ended
      expect(errors).not.toEqual([])
      for (const error of errors) expect(error).toMatch(/another run|no longer waited for/)
      const third = await runUp(world, spec())
      expect(third).toMatchObject({ ok: true, changed: [], mutations: [] })
    })

    test('sees a run take over only hosts that it changes', async () => {
      await world.host('cp1').run('rm /etc/kubernetes/scheduler.conf')
      const { ok, mutations } = await runUp(world, spec())
      expect([ok, mutations.filter((one) => one.endsWith('take over'))]).toEqual([true, ['cp1: take over']])
    })

    test('refuses a worker that has the authority of another cluster, and changes nothing', async () => {
      const ours = world.host('w1').read('/etc/kubernetes/pki/ca.crt') ?? ''
      const put = (text: string): Promise<string> =>
        world.host('w1').run('printf %s "$1" >/etc/kubernetes/pki/ca.crt', text)
      await put(await foreignAuthority(world.host('w1')))
      const before = await filesOf(world)
      const ran = await runUp(world, spec())
      expect(ran.errors.join('\n')).toContain('w1 belongs to another cluster')
      expect(ran.mutations).toEqual([])
      expect(await filesOf(world)).toEqual(before)
      await put(ours)
    })

    test('whose CA a person began to rotate is one cluster: its certificates stay, and both CAs are trusted', async () => {
      const read = (name: string, path: string): string => world.host(name).read(path) ?? ''
      const leaf = read('cp1', '/etc/kubernetes/pki/apiserver.crt')
      const former = read('cp1', '/etc/kubernetes/pki/ca.crt')
      await world
        .host('cp1')
        .run(`cd /etc/kubernetes/pki && openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=kubernetes \
        -addext keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign -keyout ca.key -out new.crt 2>/dev/null &&
        cat new.crt >>ca.crt && rm new.crt`)
      const ran = await runUp(world, spec())
      expect(ran.errors).toEqual([])
      expect(ran.changed).toEqual(
        expect.arrayContaining([
          'cp1/file:/etc/kubernetes/pki/ca-signing.crt',
          'cp1/file:/etc/kubernetes/manifests/kube-controller-manager.yaml',
          'cp1/kubeconfig:admin.conf',
          'w1/file:/etc/kubernetes/pki/ca.crt',
        ]),
      )
      expect(ran.changed.filter((key) => /certificate:|authorities|join|etcd/.test(key))).toEqual([])
      const both = read('cp1', '/etc/kubernetes/pki/ca.crt')
      expect(both.startsWith(former) && both.length > former.length).toBe(true)
      expect(read('w1', '/etc/kubernetes/pki/ca.crt')).toBe(both)
      expect(read('cp1', '/etc/kubernetes/pki/apiserver.crt')).toBe(leaf)
      expect(await kubectl(world, 'get nodes -o name')).toContain('node/w1')
      expect(await runUp(world, spec())).toMatchObject({ ok: true, changed: [], mutations: [] })
    })

    test('comes back by itself after all machines lost power, and up finds nothing to change', async () => {
      const known = identity(world)
      await world.powerCycle()
      for (const host of world.hosts.values()) {
        expect((host.read('/proc/swaps') ?? '').trim().split('\n')).toHaveLength(1)
        expect(await host.run('cat /proc/sys/net/ipv4/ip_forward; uname -n')).toBe(`1\n${host.name}\n`)
      }
      const ran = await runUp(world, spec())
      expect(ran).toMatchObject({ ok: true, changed: [], errors: [] })
      expect(await convergenceProblems(world, spec(), known)).toEqual([])
    })
  },
)
