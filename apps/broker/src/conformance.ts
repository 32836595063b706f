import { createServer, type Server, type Socket } from 'node:net';
import { DEFAULT_CONNECTION_OPTIONS, DEFAULT_SESSION_LIMITS, ReasonCode } from '@milepost/mqtt';
import { createLogger, createMetrics, sleep, UsageError } from '@milepost/runtime';
import { createCore } from './broker-core.js';
import { FAREWELL_MS } from './clients/shut-down.js';
import { GUESTS, GuestGate } from './doors/conformance/guest-gate.js';
import { type ConformanceOptions, parseOptions, usage } from './doors/conformance/options.js';
import { SUITE_LIMITS, SUITE_TAKE_OVERS } from './doors/conformance/suite-limits.js';
import { peerAddress } from './listener/entrance/peer-address.js';
import { createWebSocketListener } from './listener/web-socket-listener.js';
import { MemoryLog } from './log/memory-log.js';
import { BrokerMetrics } from './metrics.js';

/** `npm run broker:conformance`: the broker with a log in memory and a door for everybody, for test suites. Not part of the production image. */
const KIB = 1024;
const UPGRADE_TIMEOUT_MS = 10_000;

function optionsOrEnd(): ConformanceOptions {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options !== 'help') return options;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`milepost: ${error.message}\n`);
    process.exit(2);
  }
  process.stdout.write(usage);
  process.exit(0);
}

async function listening(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: 4_096 }, resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

const options = optionsOrEnd();
const log = new MemoryLog({ keep: false });
const { maxPacketBytes, host } = options;
const { receive, registry, budget } = await createCore({
  log,
  reader: log,
  node: 'conformance',
  epoch: Date.now(),
  partitions: 1,
  connections: {
    ...DEFAULT_CONNECTION_OPTIONS,
    maxPacketBytes,
    maxKeepAliveSeconds: options.serverKeepAliveSeconds,
    receiveMaximum: 20,
    maxSessionExpirySeconds: 0xffff_ffff,
    sharedSubscriptionsAvailable: true,
    subscriptionIdentifiersAvailable: true,
    topicAliasMaximum: 10,
    outboundTopicAliasMaximum: 10,
  },
  limits: DEFAULT_SESSION_LIMITS,
  router: SUITE_LIMITS,
  takeOvers: SUITE_TAKE_OVERS,
  maxProcessBytes: 512 * KIB * KIB,
  maxQoS0Bytes: 64 * KIB * KIB,
  sysOrganisation: GUESTS,
  metrics: new BrokerMetrics(createMetrics('broker')),
  logger: createLogger({ app: 'broker', level: options.logLevel }),
});
const refused = new Set(options.refuse);
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
  if (options.wsPort !== undefined) {
    const port = await listening(webSocket, options.wsPort, host);
    process.stdout.write(`MQTT over WebSocket on ws://${host}:${port}/mqtt\n`);
  }
  const port = await listening(tcp, options.port, host);
  process.stdout.write(`conformance broker ready on mqtt://${host}:${port}\n`);
} catch (error) {
  process.stderr.write(`The broker cannot listen: ${(error as Error).message}\n`);
  process.exit(1);
}

/** Says goodbye as the broker does that is installed. */
async function stop(): Promise<void> {
  for (const server of servers) server.close();
  budget.close();
  const ending = [...registry.all()];
  for (const client of ending) client.close('server_shutdown', ReasonCode.ServerShuttingDown, 'the broker stops');
  if (ending.length > 0) await sleep(FAREWELL_MS);
  for (const socket of open) socket.destroy();
  process.exit(0);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
