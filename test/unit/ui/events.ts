import type { RunEvent, StepRef } from '../../../src/engine/events.js'

const daemon: StepRef = {
  key: 'cp1/file:d',
  target: 'cp1',
  phase: 'runtime',
  title: '/etc/docker/daemon.json',
}
const image: StepRef = { key: 'cp1/image:a', target: 'cp1', phase: 'images', title: 'api:v1' }
const unit: StepRef = { key: 'w1/service:k', target: 'w1', phase: 'kubelet', title: 'kubelet' }
const node: StepRef = { key: 'w1/node', target: 'w1', phase: 'join', title: 'node is ready' }

/** A short run: a message, a change, a long step, one that was fine, one that failed, one skipped. */
export const run: readonly RunEvent[] = [
  {
    type: 'run-started',
    at: 0,
    workflow: 'up',
    phases: [{ id: 'runtime', title: 'container runtime' }],
    steps: [daemon, image, unit, node],
  },
  { type: 'message', at: 10, level: 'info', text: 'connected', host: 'cp1' },
  { type: 'message', at: 20, level: 'warning', text: 'swap is on' },
  { type: 'planned', at: 400, converged: 3, changes: 2, unknown: 1, failed: 0 },
  { type: 'step-started', at: 500, step: daemon },
  {
    type: 'step-finished',
    at: 900,
    step: daemon,
    status: 'changed',
    ms: 400,
    changes: [
      {
        kind: 'create',
        summary: 'write /etc/docker/daemon.json',
        effects: [{ kind: 'restart', of: 'unit', name: 'docker.service' }],
      },
    ],
  },
  { type: 'step-started', at: 1000, step: image },
  { type: 'step-progress', at: 2000, step: image, text: '10%' },
  { type: 'step-progress', at: 6000, step: image, text: '60%' },
  { type: 'step-progress', at: 7000, step: image, text: '70%' },
  { type: 'step-progress', at: 11_500, step: image, text: '99%' },
  { type: 'step-finished', at: 12_000, step: image, status: 'ok', ms: 11_000 },
  {
    type: 'step-finished',
    at: 65_000,
    step: unit,
    status: 'failed',
    ms: 2000,
    error: {
      message: 'kubelet did not start',
      why: 'exit code 1\nswap is on',
      next: 'turn it off',
      host: 'w1',
    },
  },
  { type: 'step-finished', at: 65_000, step: node, status: 'skipped', ms: 0, reason: 'kubelet failed' },
  { type: 'check', at: 65_500, name: 'DNS answers', status: 'passed', ms: 120 },
  { type: 'check', at: 65_600, name: 'nodes are ready', status: 'failed', ms: 60_000, detail: 'w1 is not' },
  {
    type: 'run-finished',
    at: 66_000,
    ok: false,
    exitCode: 6,
    summary: {
      cp1: { ok: 1, changed: 1, failed: 0, skipped: 0, blocked: 0 },
      w1: { ok: 0, changed: 0, failed: 1, skipped: 1, blocked: 0 },
      cluster: { ok: 0, changed: 0, failed: 0, skipped: 0, blocked: 0 },
    },
  },
]

/** Events that carry a text at every place where one may stand. */
export function leaking(text: string): RunEvent[] {
  const step: StepRef = { key: `cp1/${text}`, target: 'cp1', phase: 'p', title: text }
  return [
    { type: 'message', at: 0, level: 'warning', text },
    { type: 'step-started', at: 0, step },
    { type: 'step-progress', at: 10_000, step, text },
    {
      type: 'step-finished',
      at: 1,
      step,
      status: 'changed',
      ms: 1,
      changes: [{ kind: 'create', summary: text, diff: text, effects: [{ kind: 'remark', text }] }],
    },
    {
      type: 'step-finished',
      at: 1,
      step,
      status: 'failed',
      ms: 1,
      error: { message: text, why: `a\n${text}\nb` },
    },
    { type: 'step-finished', at: 1, step, status: 'skipped', ms: 0, reason: text },
    { type: 'check', at: 1, name: text, status: 'failed', ms: 0, detail: text },
  ]
}

/** What a hostile machine may say: a screen cleared, a line gone over, text turned around, a line of ours forged. */
export const hostile =
  '\u001b[2J\u001b[H\u001b[32m✔ Done\u001b[0m\r\u009b31m\u0007\u007f\u202edeliaf\u2066\u200f\u061c\nDone (1.0s).'
/** Category Cc but line feed and tab, and the bidirectional controls. */
export const obeyed = /[^\P{Cc}\n\t]|\p{Bidi_Control}/u
