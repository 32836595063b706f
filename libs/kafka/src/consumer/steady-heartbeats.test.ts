import { createRequire } from 'node:module';
import { expect, onTestFinished, test, vi } from 'vitest';
import { keepHeartbeatsSteady } from './steady-heartbeats.js';

keepHeartbeatsSteady();

const ConsumerGroup = createRequire(import.meta.url)('kafkajs/src/consumer/consumerGroup.js') as new (
  options: object,
) => { heartbeat(options: { interval: number }): Promise<void> };

test('a clock that is set back keeps no member from telling that it is there', async () => {
  const { now } = Date;
  let setByMs = 0;
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() + setByMs);
  onTestFinished(() => clock.mockRestore());
  const sent = vi.fn(async () => undefined);
  const group = Object.assign(
    new ConsumerGroup({ logger: { namespace: () => undefined }, instrumentationEmitter: { emit: () => undefined }, retry: {} }),
    { memberId: 'm', coordinator: { heartbeat: sent } },
  );
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
