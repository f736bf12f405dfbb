import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { daemonFlags, daemonFlagsScript, refuseFlags } from '../../../src/runtimes/docker/daemon-flags.js'
import { withDaemonRegistries, withDaemonSettings } from '../../../src/runtimes/docker/daemon-json.js'
import type { Registry } from '../../../src/runtimes/registry.js'

const debianExec =
  '@exec\n{ path=/usr/sbin/dockerd ; argv[]=/usr/sbin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock $DOCKER_OPTS ; ignore_errors=no ; start_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }\n@environment\n\n'
const told = (answer: string): string[] =>
  daemonFlags(`${answer}@end\n`).map(({ name, value, from }) => `${name}=${value} (${from})`)

describe('flags of dockerd', () => {
  test('stand in its environment file, its unit and drop-ins', () => {
    expect(
      told(
        `${debianExec}@file /etc/default/docker\n# DOCKER_OPTS="--debug"\nDOCKER_OPTS="--log-driver=journald --log-opt tag=x --live-restore"\n\n`,
      ),
    ).toEqual([
      'containerd=/run/containerd/containerd.sock (docker.service)',
      'log-driver=journald (/etc/default/docker)',
      'log-opt=tag=x (/etc/default/docker)',
      'live-restore= (/etc/default/docker)',
    ])
  })

  test('before docker is installed, stand in what its package will read', () => {
    expect(
      told(
        `@file /etc/systemd/system/docker.service.d/a.conf\n[Service]\nExecStart=\nExecStart=/usr/sbin/dockerd --exec-opt 'native.cgroupdriver=systemd'\n\n@file /etc/default/docker\nexport DOCKER_OPTS='--log-driver=journald'\n\n`,
      ),
    ).toEqual([
      'exec-opt=native.cgroupdriver=systemd (/etc/systemd/system/docker.service.d/a.conf)',
      'log-driver=journald (/etc/default/docker)',
    ])
  })

  test('a variable that the unit does not read is none', () => {
    expect(
      told(`${debianExec.replace(' $DOCKER_OPTS', '')}@file /etc/default/docker\nDOCKER_OPTS="--debug"\n\n`),
    ).toEqual(['containerd=/run/containerd/containerd.sock (docker.service)'])
  })

  test('an answer that is cut short is none', () => {
    expect(() => daemonFlags('@exec\n')).toThrow('cut short')
    expect(() => daemonFlags('')).toThrow('cut short')
  })

  test('the script runs where there is no docker', () => {
    const ran = spawnSync('/bin/sh', ['-c', `systemctl() { :; }\n${daemonFlagsScript}`], { encoding: 'utf8' })
    expect(ran.status).toBe(0)
    expect(() => daemonFlags(ran.stdout)).not.toThrow()
  })
})

describe('daemon.json beside flags', () => {
  const flags = (options: string) =>
    daemonFlags(`@file /etc/default/docker\nDOCKER_OPTS="${options}"\n@end\n`)
  const edit = (text: string, options: string): unknown =>
    JSON.parse(withDaemonSettings(text, { cgroupDriver: 'systemd', flags: flags(options) }, 'cp1'))

  test.each(['--log-driver=journald', '--log-opt max-size=10m'])('leaves logs to %s', (options) => {
    expect(edit('', options)).toEqual({ 'exec-opts': ['native.cgroupdriver=systemd'] })
  })

  test('leaves out a driver that is a flag already', () => {
    expect(edit('', '--exec-opt native.cgroupdriver=systemd')).toEqual({
      'log-driver': 'json-file',
      'log-opts': { 'max-size': '100m' },
    })
  })

  test.each([
    ['', '--exec-opt native.cgroupdriver=cgroupfs', 'exec-opt'],
    ['', '--exec-opt a=b', 'exec-opt'],
    ['{"log-driver":"local"}', '--log-driver=journald', 'log-driver'],
    ['{"storage-driver":"overlay2"}', '--storage-driver=vfs', 'storage-driver'],
  ])('with %j refuses %s, and names the file it stands in', (text, options, flag) => {
    expect(() => edit(text, options)).toThrow(`dockerd is given --${flag}`)
    expect(() => refuseFlags(flags(options), ['exec-opts', 'log-driver', 'storage-driver'], 'cp1')).toThrow(
      expect.objectContaining({ why: expect.stringContaining('/etc/default/docker has') }),
    )
  })

  test('mirrors of the inventory and of a flag do not go together', () => {
    const own = { ca: undefined, skipVerify: false, auth: undefined }
    const hub: Registry = {
      name: 'docker.io',
      fallback: true,
      own,
      mirrors: [{ ...own, url: 'https://m.example' }],
    }
    expect(() => withDaemonRegistries('', [hub], 'cp1', flags('--registry-mirror=https://other'))).toThrow(
      '--registry-mirror',
    )
    expect(withDaemonRegistries('{}', [], 'cp1', flags('--registry-mirror=https://other'))).toBe('{}')
  })
})
