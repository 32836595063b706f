import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { createApiKey } from '@milepost/database';
import { eventually, useTestScope } from '@milepost/test-support';
import { expect, it } from 'vitest';

const scope = useTestScope();

async function startApi() {
  const database = await scope.database();
  const app = await scope.app('api', { DATABASE_URL: database.urlFor('milepost_api'), HTTP_PORT: '0', KAFKA_BROKERS: '127.0.0.1:1' });
  const { port } = await app.waitForLog('http.listening');
  return { database, app, port: Number(port) };
}

it('answers who waits and ends in order, though that client keeps its connection open', async () => {
  const { database, app, port } = await startApi();
  const { key } = await createApiKey(database.owner, { name: 'poller', organisation: 'default', scopes: ['read'] });
  const agent = new Agent({ keepAlive: true });
  scope.onEnd(() => agent.destroy());
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    const options = { agent, headers: { authorization: `Bearer ${key}` } };
    get(`http://127.0.0.1:${port}/v1/events?waitSeconds=25`, options, (response) => resolve(response.resume())).once('error', reject);
  });
  await eventually(async () => {
    const looks = `select from pg_stat_activity where datname = current_database() and application_name = 'milepost-api' and query = 'commit'`;
    if ((await database.owner.query(looks)).rows.length === 0) throw new Error('it does not wait yet');
  });
  expect(await app.stop()).toBe(0);
  expect((await answered).statusCode).toBe(200);
});

it('ends in order though somebody has connected and asks for nothing', async () => {
  const { app, port } = await startApi();
  const silent = connect(port, '127.0.0.1');
  scope.onEnd(() => void silent.destroy());
  await once(silent, 'connect');
  expect(await app.stop()).toBe(0);
});
