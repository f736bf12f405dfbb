import { readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  answerOf,
  cp1,
  inventory,
  kubestrap,
  labKey,
  machines,
  names,
  on,
  run,
  w1,
  w2,
  whyNot,
} from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'

const reason = whyNot()
const password = 'correct-horse-battery'
const gateway = machines[w2]?.replace(/\d+$/, '1') ?? ''

/** A user who may become root with a password, and whose shell talks; the second part for those behind the bastion. */
const ordinary = `
set -e
useradd -m -s /bin/bash -G sudo anna
echo 'anna:${password}' | chpasswd
install -d -m 0700 -o anna -g anna /home/anna/.ssh
install -m 0600 -o anna -g anna /root/.ssh/authorized_keys /home/anna/.ssh/authorized_keys
sed -i '1i echo welcome, stranger' /home/anna/.bashrc
`
const behind = `
printf '%s\n' 'AllowUsers anna@${machines[w2]} root@${gateway}' 'AllowTcpForwarding no' 'Banner /etc/banner' >/etc/ssh/sshd_config.d/test.conf
echo 'Authorized use only. KS 0 0' >/etc/banner
# it listens anew a moment later
systemctl restart ssh
`

describe.skipIf(reason !== undefined)(
  `behind a bastion, as an ordinary user with a sudo password${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let lab = ''
    let file = ''

    beforeAll(async () => {
      process.env.ANNA_PASSWORD = password
      lab = inventory('lab', undefined, { bare: true })
      await kubestrap('lab', 'down', '-i', lab)
      const made = await Promise.all([
        kubestrap('lab', 'up', '-i', lab),
        kubestrap('lab', 'bundle', '-i', lab),
      ])
      expect(made.map(({ code }) => code)).toEqual([0, 0])
      await Promise.all(names.map((name) => on(name, ordinary + (name === w2 ? '' : behind))))
      file = inventory('bastion', (text) =>
        text
          .replace(
            '  user: root\n',
            `  user: anna\n  config: false\n  jump: ${machines[w2]}\n  sudo: { password: env:ANNA_PASSWORD }\n`,
          )
          .replace(/^/, 'kubeconfig: { loginUser: true }\n')
          .replace(new RegExp(`^ {2}${w2}:.*\n`, 'm'), ''),
      )
    })

    afterAll(async () => {
      delete process.env.ANNA_PASSWORD
      await kubestrap('lab', 'down', '-i', lab)
    })

    test('the hosts let that user in from the bastion alone', async () => {
      const options = [
        '-o',
        'BatchMode=yes',
        '-o',
        'StrictHostKeyChecking=no',
        '-o',
        'UserKnownHostsFile=/dev/null',
      ]
      const direct = await run('ssh', [...options, '-i', labKey, `anna@${machines[cp1]}`, 'true'])
      expectCode(direct, 255)
      expect(direct.stderr).toContain('Permission denied')
    })

    test('a wrong password is tried once, and changes nothing', async () => {
      process.env.ANNA_PASSWORD = 'wrong'
      const ran = await kubestrap('up', '--yes', '-i', file, '-o', 'plain')
      process.env.ANNA_PASSWORD = password
      expectCode(ran, 5)
      expect(ran.stderr).toContain('sudo does not accept the password')
      expect(ran.stderr).toContain(`ssh.sudo.password, ${file}:`)
      for (const name of [cp1, w1]) {
        expect((await answerOf(name, 'ls -d /etc/kubernetes /var/lib/kubestrap')).stdout).toBe('')
        expect(await on(name, 'journalctl -o cat -t sudo | grep -c "incorrect password attempt" || :')).toBe(
          '1\n',
        )
      }
    })

    test('a cluster comes up and verifies', async () => {
      const made = await kubestrap('up', '--yes', '-i', file, '-o', 'plain', '--no-verify')
      expect(made.code, made.stdout + made.stderr).toBe(0)
      const verified = await kubestrap('verify', '-i', file)
      expect(verified.stdout).toContain('The cluster works')
      expect((await kubestrap('up', '--yes', '-i', file, '-o', 'plain')).stdout).toContain(
        'Nothing to change',
      )
    })

    test('its administrator is that user too', async () => {
      const nodes = 'su - anna -c "kubectl get nodes -o name; stat -c %a:%U ~/.kube/config"'
      expect(await on(cp1, nodes)).toContain(`node/${cp1}\nnode/${w1}\n600:anna\n`)
    })

    test('commands, status and plan go the same way', async () => {
      const ids = await kubestrap('exec', '-i', file, '--', 'id', '-un')
      expect([ids.code, ids.stdout.match(/^\s*root$/gm)?.length]).toEqual([0, 2])
      expectCode(await kubestrap('status', '-i', file), 0)
      expectCode(await kubestrap('plan', '-i', file, '--detailed-exitcode'), 0)
    })

    test('the password is in no log of ours, and in no process list entry the journal kept', async () => {
      const logs = join(process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'kubestrap', 'logs')
      const texts = readdirSync(logs).map((name) => readFileSync(join(logs, name), 'utf8'))
      expect(texts.some((text) => text.includes(file))).toBe(true)
      for (const text of texts) expect(text).not.toContain(password)
      for (const name of [cp1, w1])
        expect(await on(name, `journalctl -o cat | grep -c '${password}' || :`)).toBe('0\n')
    })

    test('reset leaves the user as he was', async () => {
      const gone = await kubestrap('reset', '-i', file, '--yes', '-o', 'plain')
      expectCode(gone, 0)
      expect(await on(cp1, 'ls -d /home/anna/.kube/config /etc/kubernetes 2>/dev/null || :')).toBe('')
    })
  },
)
