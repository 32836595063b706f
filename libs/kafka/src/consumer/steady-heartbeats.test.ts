import { createRequire } from 'node:module';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { keepHeartbeatsSteady } from './steady-heartbeats.js';

keepHeartbeatsSteady();

interface Group {
  coordinator: { heartbeat(): Promise<void> };
  offsetManager: { coordinator: unknown };
  heartbeat(options: { interval: number }): Promise<void>;
}
const ConsumerGroup = createRequire(import.meta.url)('kafkajs/src/consumer/consumerGroup.js') as new (options: object) => Group;

/** A member whose heartbeats are due as soon as the interval is 0. */
function memberOf(send: () => Promise<void>, findGroupCoordinator: () => Promise<unknown> = async () => undefined): Group {
  const options = { logger: { namespace: () => undefined }, instrumentationEmitter: { emit: () => undefined }, retry: {}, groupId: 'g' };
  const group = new ConsumerGroup({ ...options, cluster: { findGroupCoordinator } });
  const coordinator = { heartbeat: send };
  return Object.assign(group, { memberId: 'm', coordinator, offsetManager: { coordinator } });
}

test('a clock that is set back keeps no member from telling that it is there', async () => {
  const { now } = Date;
  let setByMs = 0;
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() + setByMs);
  onTestFinished(() => clock.mockRestore());
  const sent = vi.fn(async () => undefined);
  const group = memberOf(sent);
  const beat = () => group.heartbeat({ interval: 3_000 });
  await beat();
  expect(sent).toHaveBeenCalledTimes(0);
  setByMs = 3_000;
  await beat();
  await beat();
  expect(sent).toHaveBeenCalledTimes(1);
  setByMs = -60_000;
  await beat();
  await beat();
  expect(sent).toHaveBeenCalledTimes(2);
  setByMs = -57_000;
  await beat();
  expect(sent).toHaveBeenCalledTimes(3);
});

describe('a heartbeat that is not answered', () => {
  test('holds reading up for a second at the most, and goes out once', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const sent = vi.fn(() => new Promise<void>(() => undefined));
    const group = memberOf(sent);
    let goneOn = 0;
    const reading = (async () => {
      for (const _ of [1, 2, 3]) {
        await group.heartbeat({ interval: 0 });
        goneOn += 1;
      }
    })();
    await vi.advanceTimersByTimeAsync(999);
    expect(goneOn).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    await reading;
    expect(sent).toHaveBeenCalledTimes(1);
  });

  test('makes the member look up who coordinates its group now', async () => {
    const found = { heartbeat: vi.fn(async () => undefined) };
    const group = memberOf(
      async () => {
        throw Object.assign(new Error('timed out'), { name: 'KafkaJSRequestTimeoutError' });
      },
      async () => found,
    );
    await expect(group.heartbeat({ interval: 0 })).rejects.toThrow('timed out');
    await group.heartbeat({ interval: 0 });
    expect(found.heartbeat).toHaveBeenCalledTimes(1);
    expect(group.offsetManager.coordinator).toBe(found);
  });

  test('is not one that Kafka has refused', async () => {
    const look = vi.fn(async () => undefined);
    const group = memberOf(async () => {
      throw Object.assign(new Error('rebalancing'), { type: 'REBALANCE_IN_PROGRESS' });
    }, look);
    await expect(group.heartbeat({ interval: 0 })).rejects.toThrow('rebalancing');
    expect(look).not.toHaveBeenCalled();
  });
});
