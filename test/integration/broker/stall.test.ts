import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { type PresenceRecord, topics } from '@milepost/contracts';
import { eventually, readTopic, useTestScope } from '@milepost/test-support';
import { expect, test } from 'vitest';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** CONNECT of MQTT 3.1.1 with an empty client id and a keep-alive of 2 s. */
const CONNECT = Buffer.from('100c00044d515454040200020000', 'hex');
const PINGREQ = Buffer.from('c000', 'hex');

const scope = useTestScope();

test('a stall of the broker does not count against a keep-alive; a silence of the client does', async () => {
  const [pki, kafka] = await Promise.all([scope.pki(), scope.topics()]);
  const broker = await scope.app('broker', { ...kafka.environment, ...pki.environment, MQTT_TLS_PORT: '0', NODE_ID: 'node-s' });
  const { port } = await broker.waitForLog('broker.listening');
  const { certificatePem: cert, privateKeyPem: key } = await pki.issue('tram-1');
  const socket = connectTls({ host: '127.0.0.1', port: Number(port), ca: pki.caPem, cert, key, servername: 'localhost' });
  scope.onEnd(() => socket.destroy());
  socket.write(CONNECT);
  await once(socket, 'data');
  const closed = once(socket, 'close');
  let answers = 0;
  socket.on('data', (chunk: Buffer) => {
    answers += chunk.length / 2;
  });

  broker.signal('SIGSTOP');
  let asked = 0;
  const pings = setInterval(() => {
    socket.write(PINGREQ);
    asked += 1;
  }, 500);
  scope.onEnd(() => clearInterval(pings));
  // Half as long again as the keep-alive allows, and shorter than what others count as the loss of the node: that would announce the vehicle anew.
  await pause(4_500);
  broker.signal('SIGCONT');

  // All that was sent meanwhile is answered, and so is one that was sent since.
  const askedMeanwhile = asked;
  await eventually(() => expect(answers).toBeGreaterThan(askedMeanwhile));
  expect(socket.closed).toBe(false);

  clearInterval(pings);
  await closed;
  const presence = await readTopic(scope, kafka, topics.presence);
  const after = await presence.until<PresenceRecord>((all) => all.length >= 2, 'tram-1');
  expect(after).toMatchObject([{ kind: 'connected' }, { kind: 'disconnected', cause: 'keepalive_timeout' }]);
});
