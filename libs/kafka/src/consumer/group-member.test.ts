import { EventEmitter } from 'node:events';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type ConsumerEvents, type GroupMemberHandlers, listen } from './group-member.js';

const events = {
  GROUP_JOIN: 'join',
  REBALANCING: 'rebalancing',
  FETCH_START: 'fetch',
  REQUEST: 'request',
  HEARTBEAT: 'heartbeat',
  CRASH: 'crash',
};

/** What kafkajs tells, and what of it a member's owner hears. */
function heardOf(): { tell(event: keyof typeof events, payload?: object): void; heard: string[]; crashes: Error[] } {
  const emitter = new EventEmitter();
  const heard: string[] = [];
  const crashes: Error[] = [];
  const handlers: GroupMemberHandlers = {
    onJoined: (assignment) => heard.push(`joined ${assignment.map(({ topic, partition }) => `${topic}/${partition}`).join(' ')}`),
    onRebalancing: () => heard.push('rebalancing'),
    onBatch: async () => undefined,
    onAlive: () => undefined,
    onCrash: (error) => crashes.push(error),
  };
  const consumer = { on: (event: string, listener: (event: object) => void) => emitter.on(event, listener), events };
  listen(consumer as unknown as ConsumerEvents, handlers, (physical) => physical.replace('x.', ''));
  return { tell: (event, payload = {}) => void emitter.emit(events[event], { payload }), heard, crashes };
}

test('an assignment is told with logical topics, and fetches around it are nothing to tell', () => {
  const { tell, heard, crashes } = heardOf();
  tell('GROUP_JOIN', { memberAssignment: { 'x.t': [0, 2] } });
  tell('FETCH_START');
  tell('REBALANCING');
  tell('GROUP_JOIN', { memberAssignment: { 'x.t': [1] } });
  tell('FETCH_START');
  expect(heard).toEqual(['joined t/0 t/2', 'rebalancing', 'joined t/1']);
  expect(crashes).toEqual([]);
});

test('a client that fetches on after a rebalance without having joined has crashed, once, and in a way that passes', () => {
  const { tell, crashes } = heardOf();
  tell('GROUP_JOIN', { memberAssignment: { 'x.t': [0] } });
  tell('REBALANCING');
  expect(crashes).toEqual([]);
  tell('FETCH_START');
  tell('FETCH_START');
  expect(crashes).toMatchObject([{ message: 'the client fetches on although joining the group again has failed', retriable: true }]);
});

test('so has one that was taken into its group again beside its fetches, as when a leader has moved, and is not told its partitions', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { tell, crashes } = heardOf();
  const join = (answersTo: 'both' | 'JoinGroup') => {
    tell('REQUEST', { apiName: 'JoinGroup' });
    if (answersTo === 'both') tell('GROUP_JOIN', { memberAssignment: { 'x.t': [0] } });
    tell('REQUEST', { apiName: 'Fetch' });
  };
  const fetchAfter = (ms: number) => {
    vi.advanceTimersByTime(ms);
    tell('FETCH_START');
  };
  join('both');
  fetchAfter(60_000);
  join('JoinGroup');
  fetchAfter(10_000);
  expect(crashes).toEqual([]);
  fetchAfter(10_000);
  fetchAfter(10_000);
  expect(crashes).toMatchObject([{ retriable: true }]);
});
