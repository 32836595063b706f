// The bridge that a user would write: mosquitto → Kafka. mqtt.js acknowledges a message when its handler has been called.
import { createServer } from 'node:net';
import { Kafka, logLevel, type Message } from 'kafkajs';
import { connect } from 'mqtt';

const { MQTT_URL = '', KAFKA_BROKERS = '', TOPIC = '', STATUS_PORT = '' } = process.env;
const flushEveryMs = 5;

const producer = new Kafka({ clientId: 'bridge', brokers: KAFKA_BROKERS.split(','), logLevel: logLevel.ERROR }).producer();
await producer.connect();
let waiting: Message[] = [];

const client = connect(MQTT_URL, { clientId: 'bridge', clean: false });
client.on('message', (topic, payload) => {
  waiting.push({ key: topic.split('/')[1] ?? '', value: payload });
});
client.on('error', (error) => process.stderr.write(`${error.message}\n`));
await new Promise<void>((resolve) => client.once('connect', () => resolve()));
await client.subscribeAsync('fleet/+/location', { qos: 1 });

setInterval(() => {
  if (waiting.length === 0) return;
  const messages = waiting;
  waiting = [];
  producer.send({ topic: TOPIC, acks: -1, messages }).catch((error: unknown) => {
    process.stderr.write(`${messages.length} messages were not written: ${error instanceof Error ? error.message : String(error)}\n`);
  });
}, flushEveryMs);
// That it is ready.
createServer((socket) => socket.end()).listen(Number(STATUS_PORT), '127.0.0.1');
