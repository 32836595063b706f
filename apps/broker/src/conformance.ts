import { createServer, type Server, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { DEFAULT_CONNECTION_OPTIONS, DEFAULT_ROUTER_LIMITS, DEFAULT_SESSION_LIMITS } from '@milepost/mqtt';
import { createLogger, createMetrics } from '@milepost/runtime';
import { createCore } from './broker-core.js';
import { GUESTS, GuestGate } from './doors/conformance/guest-gate.js';
import { peerAddress } from './listener/peer-address.js';
import { createWebSocketListener } from './listener/web-socket-listener.js';
import { MemoryLog } from './log/memory-log.js';
import { BrokerMetrics } from './metrics.js';

/** `npm run broker:conformance`: the broker with a log in memory and a door for everybody, for test suites. Not part of the production image. */
const HELP = `Usage: npm run broker:conformance -- [options]

Speaks plain MQTT 3.1.1 and 5.0 on loopback to anybody: any client id, any topic, any login. For conformance tests only.

  --port N                port of MQTT over TCP (default 1883; 0 takes a free one)
  --ws-port N             port of MQTT over WebSocket, path /mqtt (none by default; 0 takes a free one)
  --host ADDRESS          address (default 127.0.0.1)
  --refuse FILTER         SUBSCRIBE to exactly this filter is refused (0x80); may be repeated
  --server-keep-alive N   larger keep-alives of clients are lowered to N seconds; 0 stays
  --max-packet-size N     largest packet that is taken, in bytes (default 524288)
  --log-level LEVEL       default warn
`;

const KIB = 1024;
const UPGRADE_TIMEOUT_MS = 10_000;
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '1883' },
    'ws-port': { type: 'string' },
    host: { type: 'string', default: '127.0.0.1' },
    refuse: { type: 'string', multiple: true, default: [] },
    'server-keep-alive': { type: 'string', default: '65535' },
    'max-packet-size': { type: 'string', default: String(512 * KIB) },
    'log-level': { type: 'string', default: 'warn' },
    help: { type: 'boolean', default: false, short: 'h' },
  },
});

function whole(name: keyof typeof values, least: number, most: number): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  process.stderr.write(`--${name} takes a whole number from ${least} to ${most}, not ${JSON.stringify(values[name])}\n`);
  process.exit(2);
}

async function listening(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: 4_096 }, resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const log = new MemoryLog({ keep: false });
const maxPacketBytes = whole('max-packet-size', KIB, 1024 * KIB);
const { receive } = await createCore({
  log,
  reader: log,
  node: 'conformance',
  epoch: Date.now(),
  partitions: 1,
  connections: {
    ...DEFAULT_CONNECTION_OPTIONS,
    maxPacketBytes,
    maxKeepAliveSeconds: whole('server-keep-alive', 1, 65_535),
    receiveMaximum: 20,
    maxSessionExpirySeconds: 0xffff_ffff,
    sharedSubscriptionsAvailable: true,
    subscriptionIdentifiersAvailable: true,
    topicAliasMaximum: 10,
    outboundTopicAliasMaximum: 10,
  },
  limits: DEFAULT_SESSION_LIMITS,
  router: DEFAULT_ROUTER_LIMITS,
  maxProcessBytes: 512 * KIB * KIB,
  maxQoS0Bytes: 64 * KIB * KIB,
  sysOrganisation: GUESTS,
  metrics: new BrokerMetrics(createMetrics('broker')),
  logger: createLogger({ app: 'broker', level: values['log-level'] }),
});
const refused = new Set(values.refuse);
const open = new Set<Socket>();
function follow(socket: Socket): void {
  open.add(socket);
  socket.once('close', () => open.delete(socket));
}

function guest(socket: Socket): GuestGate {
  return new GuestGate(peerAddress(socket.remoteAddress), refused);
}

const tcp = createServer({ noDelay: true }, (socket) => receive(socket, guest(socket)));
const webSocket = createWebSocketListener({
  maxPacketBytes,
  upgradeTimeoutMs: UPGRADE_TIMEOUT_MS,
  onOpen: (client, carrier) => receive(client, guest(carrier)),
});
const servers: Server[] = [tcp, webSocket];
for (const server of servers) server.on('connection', follow);
try {
  if (values['ws-port'] !== undefined) {
    const port = await listening(webSocket, whole('ws-port', 0, 65_535), values.host);
    process.stdout.write(`MQTT over WebSocket on ws://${values.host}:${port}/mqtt\n`);
  }
  const port = await listening(tcp, whole('port', 0, 65_535), values.host);
  process.stdout.write(`conformance broker ready on mqtt://${values.host}:${port}\n`);
} catch (error) {
  process.stderr.write(`The broker cannot listen: ${(error as Error).message}\n`);
  process.exit(1);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const server of servers) server.close();
    for (const socket of open) socket.destroy();
    process.exit(0);
  });
}
