// The load process: lean mTLS clients that do as they are told.
import { readFileSync } from 'node:fs';
import type { ClientCredentials } from './bench-pki.js';
import { LeanClient, openTls } from './lean-client.js';
import type { Answer, LoadReply, Order, OrderName } from './load-orders.js';
import { fanout, publish } from './traffic.js';

const { caPem, clientsFile } = JSON.parse(process.argv[2] ?? '{}') as { caPem: string; clientsFile: string };
const credentials = JSON.parse(readFileSync(clientsFile, 'utf8')) as ClientCredentials[];
const CONNECT_AT_ONCE = 32;
let clients: LeanClient[] = [];

const handlers: { [N in OrderName]: (order: Order<N>) => Promise<Answer<N>> } = {
  connect: async ({ port, clients: count, subscribe }) => {
    const startedAt = performance.now();
    clients = await inTurns(credentials.slice(0, count), async (each, index) => {
      const client = await LeanClient.connect(port, caPem, each);
      if (subscribe !== undefined && index > 0) await client.subscribe(subscribe.topic, subscribe.qos);
      return client;
    });
    return { seconds: (performance.now() - startedAt) / 1000 };
  },
  publish: (order) => publish(clients, order),
  fanout: (order) => fanout(clients, order),
  handshake,
  disconnect: async () => {
    await inTurns(clients, (client) => client.close());
    clients = [];
    return {};
  },
};

process.on('message', ({ name, order }: { name: OrderName; order: Order<OrderName> }) => {
  const reply = (message: LoadReply) => process.send?.(message);
  const handle = handlers[name] as (order: Order<OrderName>) => Promise<Answer<OrderName>>;
  handle(order).then(
    (answer) => reply({ ok: true, answer }),
    (error: unknown) => reply({ ok: false, error: String(error) }),
  );
});
process.once('disconnect', () => process.exit(0));

async function inTurns<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += CONNECT_AT_ONCE)
    results.push(...(await Promise.all(items.slice(at, at + CONNECT_AT_ONCE).map((item, index) => work(item, at + index)))));
  return results;
}

async function handshake({ port, count, resumed }: Order<'handshake'>): Promise<Answer<'handshake'>> {
  const client = credentials[0] as ClientCredentials;
  const session = resumed ? await ticket(port, client) : undefined;
  let reused = 0;
  for (let number = 0; number < count; number += 1) if (await handshakeOnce(port, client, session)) reused += 1;
  return { resumed: reused };
}

/** A handshake and the close. @returns whether the session was resumed. */
function handshakeOnce(port: number, client: ClientCredentials, session: Buffer | undefined): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = openTls(port, caPem, client, session);
    let reused = false;
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      reused = socket.isSessionReused();
      socket.end();
    });
    socket.once('close', () => resolve(reused));
    socket.resume();
  });
}

/** The session of a connection that is made for it. The server takes it as often as it is shown. */
function ticket(port: number, client: ClientCredentials): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = openTls(port, caPem, client);
    socket.once('error', reject);
    socket.once('session', (session) => {
      socket.end();
      resolve(session);
    });
    socket.resume();
  });
}
