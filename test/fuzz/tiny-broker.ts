import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type ConnectionEffects, DEFAULT_CONNECTION_OPTIONS, messageOf, ReasonCode, ServerConnection } from '@milepost/mqtt';

const LINGER_MS = 1000;

/** The protocol engine over plain TCP, which gives each subscriber its own publishes: what is fuzzed when no broker is at hand. */
export async function startTinyBroker(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

function serve(socket: Socket): void {
  let timer: NodeJS.Timeout | undefined;
  let subscribed = false;
  let ended = false;
  const now = (): number => performance.now();
  const flush = (): void => {
    for (const part of engine.takeOutput()) socket.write(part);
    if (ended) socket.end();
  };
  const effects: ConnectionEffects = {
    outputReady: () => queueMicrotask(flush),
    pauseReading: () => socket.pause(),
    resumeReading: () => socket.resume(),
    schedule: (atMs) => {
      clearTimeout(timer);
      if (Number.isFinite(atMs)) timer = setTimeout(() => engine.timer(now()), Math.min(Math.ceil(atMs - now()), 2 ** 31 - 1));
    },
    connect: ({ clientId }) => engine.accept({ clientId: clientId === '' ? 'assigned' : clientId }, now()),
    authenticate: () => engine.refuse(ReasonCode.BadAuthenticationMethod, 'no method here', now()),
    authorisePublish: () => ReasonCode.Success,
    publish: (publish, token) => {
      if (token !== undefined) engine.settlePublish(token, ReasonCode.Success, now());
      if (subscribed) engine.deliver(messageOf(publish, now()), now());
    },
    subscribe: (subscriptions, _identifier, token) => {
      subscribed = true;
      const codes = subscriptions.map(({ qos }) => qos);
      engine.settleSubscribe(token, codes, now());
    },
    unsubscribe: (filters, token) => {
      const codes = filters.map(() => ReasonCode.NoSubscriptionExisted);
      engine.settleUnsubscribe(token, codes, now());
    },
    ended: () => {
      ended = true;
      clearTimeout(timer);
      queueMicrotask(flush);
      timer = setTimeout(() => socket.destroy(), LINGER_MS);
    },
    publishRefused: () => undefined,
    undelivered: () => undefined,
  };
  const engine = new ServerConnection({ ...DEFAULT_CONNECTION_OPTIONS, subscriptionIdentifiersAvailable: true }, effects, now());
  socket.on('data', (chunk) => engine.receive(chunk, now()));
  socket.on('error', () => engine.socketClosed());
  socket.on('close', () => {
    engine.socketClosed();
    clearTimeout(timer);
  });
}
