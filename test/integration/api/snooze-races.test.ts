import { advisoryLocks } from '@milepost/database';
import { useTestScope } from '@milepost/test-support';
import { beforeAll, expect, test } from 'vitest';
import { type Answer, type ApiUnderTest, apiUnderTest } from './api-under-test.js';

const scope = useTestScope();
let api: ApiUnderTest;

beforeAll(async () => {
  api = await apiUnderTest(scope);
});

const waiting = `
  select from pg_locks join pg_database d on d.oid = database
   where locktype = 'advisory' and not granted and datname = current_database()`;

/** Sends each as soon as the ones before wait for the lock under which mutes change; then lets them all go on, in that order. */
async function oneBehindAnother(...requests: (() => Promise<Answer>)[]): Promise<number[]> {
  const holder = await api.database.owner.connect();
  try {
    await holder.query('begin');
    await holder.query('select pg_advisory_xact_lock($1)', [advisoryLocks.policyChange]);
    const answers: Promise<Answer>[] = [];
    for (const request of requests) {
      answers.push(request());
      await expect.poll(async () => (await holder.query(waiting)).rowCount).toBe(answers.length);
    }
    await holder.query('commit');
    return (await Promise.all(answers)).map(({ status }) => status);
  } finally {
    holder.release();
  }
}

test('an alert is snoozed while another snooze of it is ended, whichever was first', async () => {
  const alert = await api.fleet.alert();
  const snooze = () => api.call('POST', `/v1/alerts/${alert}/snooze`, { body: { until: new Date(Date.now() + 3_600_000).toISOString() } });
  const end = (id: string) => () => api.call('DELETE', `/v1/mutes/${id}`);
  const first = (await snooze()).body.id;
  const second = (await snooze()).body.id;

  expect(await oneBehindAnother(end(first), snooze)).toEqual([204, 201]);
  expect(await oneBehindAnother(snooze, end(second))).toEqual([201, 204]);
  const { items } = (await api.get(`/v1/alerts/${alert}/history`)).body;
  expect(items.map(({ step }: { step: string }) => step).filter((step: string) => step.endsWith('snoozed'))).toEqual([
    'snoozed',
    'snoozed',
    'unsnoozed',
    'snoozed',
    'snoozed',
    'unsnoozed',
  ]);
});
