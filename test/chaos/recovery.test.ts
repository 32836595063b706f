import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import type { Progress, ToLedger } from './ledger/orders.js';
import type { System } from './system/system.js';

const child = vi.hoisted(() => ({}) as EventEmitter & { send(message: ToLedger): void });

vi.mock('node:child_process', async (original) => ({ ...(await original<object>()), fork: () => child }));
// Files that run in one process share modules: what another file has loaded does not have what is mocked here, and the other way round.
vi.resetModules();
const { LedgerProcess } = await import('./ledger-process.js');
const { untilRecovered } = await import('./recovery.js');
afterAll(() => vi.resetModules());

const VEHICLES = 5;
const progress = (flowing: number): Progress => ({ acknowledged: 1, lastAcknowledgedAt: 0, stalls: [], expected: VEHICLES, flowing });

beforeEach(() => {
  const emitter = new EventEmitter();
  Object.assign(child, {
    on: emitter.on.bind(emitter),
    once: emitter.once.bind(emitter),
    emit: emitter.emit.bind(emitter),
    // No vehicle has been acknowledged anything since.
    send: ({ id }: ToLedger) => queueMicrotask(() => emitter.emit('message', { kind: 'answer', id, value: progress(0) })),
  });
});

test('a fault is not over by what flowed before it was lifted', async () => {
  const ledger = new LedgerProcess({ onStart: () => undefined });
  let position = 0n;
  const system = { storedPositions: async () => new Map([[0, position++]]), apps: () => [] } as unknown as System;
  child.emit('message', { kind: 'progress', progress: progress(VEHICLES) });
  let tookMs: number | undefined;
  const recovered = untilRecovered(system, ledger, []).then((ms) => {
    tookMs = ms;
  });
  await delay(500);
  expect(tookMs).toBeUndefined();
  child.emit('message', { kind: 'progress', progress: progress(VEHICLES) });
  await recovered;
  expect(tookMs).toBeGreaterThan(400);
});
