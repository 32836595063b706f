import { type ConnectionOptions, type RouterLimits, type SessionLimits, sessionExpiryOf } from '@milepost/mqtt';
import { Bridge } from './bridge/bridge.js';
import { Admission } from './clients/admission.js';
import { AwaitedSaves } from './clients/awaited-saves.js';
import { Client, type ClientSurroundings } from './clients/client.js';
import { ClientGuard } from './clients/client-guard.js';
import { ClientRegistry } from './clients/client-registry.js';
import type { Gate } from './clients/gate.js';
import { TakeOverLimiter, type TakeOverLimits } from './clients/take-over-limiter.js';
import type { ClientSocket } from './connections/client-socket.js';
import { Departures } from './connections/departures.js';
import { OutputFlusher } from './connections/output-flusher.js';
import { ProcessBudget } from './connections/process-budget.js';
import { type ReadRateLimits, SharedReadRate } from './connections/shared-read-rate.js';
import { showInMetrics } from './core-gauges.js';
import { MessagePath } from './delivery/message-path.js';
import { HandOverOrder } from './delivery/order/hand-over-order.js';
import { Retaining } from './delivery/retained/retaining.js';
import { SingleCopies } from './delivery/single-copies.js';
import { LocalDelivery } from './delivery/subscribers/local-delivery.js';
import { restoredAccess } from './doors/restored-access.js';
import { ClientConnectRate } from './limits/client-connect-rate.js';
import { ConnectRate } from './limits/connect-rate.js';
import type { BrokerMetrics } from './metrics.js';
import { MessageRecords } from './records/message-records.js';
import { RetainedRecords } from './records/retained-records.js';
import { restoreState } from './restoring/restore-state.js';
import { Sessions } from './sessions/sessions.js';
import { openState, type StateOptions } from './state/open-state.js';
import type { StateWriter } from './state/state-writer.js';
import { SysTopics } from './sys/sys-topics.js';
import type { KeptWill } from './wills/kept-will.js';
import { publishWill } from './wills/publish-will.js';
import { Wills } from './wills/wills.js';

export interface CoreOptions extends StateOptions {
  connections: ConnectionOptions;
  limits: SessionLimits;
  router: RouterLimits;
  maxProcessBytes: number;
  maxQoS0Bytes: number;
  /** Bytes of messages that wait for sessions; left out: no limit. */
  maxKeptBytes?: number;
  /** CONNECTs that are taken in a second, and in a burst; 0 or undefined: as many as come. */
  connectsPerSecond?: number;
  /** CONNECTs of one client that are taken in a minute; 0 or undefined: as many as come. */
  connectsPerClientPerMinute?: number;
  /** Sessions of one user; left out: no limit. */
  maxSessionsPerUser?: number;
  /** How long CONNECT, SUBSCRIBE and UNSUBSCRIBE may wait for what has to be on record before they are answered, in ms; left out: half a minute. */
  recordTimeoutMs?: number;
  /** How often one client may be replaced by another with its identifier; left out: as for a fleet. */
  takeOvers?: TakeOverLimits;
  /** How fast each client is read. */
  rates?: ReadRateLimits;
  /** How fast all of them together; left out: as fast as they send. */
  ratesInAll?: ReadRateLimits;
  /** Whose clients may read the `$SYS` topics; undefined: there are none. */
  sysOrganisation?: string;
  metrics: BrokerMetrics;
}

/** The broker behind its doors: clients, their sessions, messages and subscriptions. It knows no listener, no certificate and no password. */
export interface BrokerCore {
  readonly registry: ClientRegistry;
  readonly admission: Admission;
  readonly budget: ProcessBudget;
  readonly delivery: LocalDelivery;
  readonly guard: ClientGuard;
  readonly departures: Departures;
  /** Somebody has come through a door. */
  receive(socket: ClientSocket, gate: Gate): void;
  close(): void;
}

/** Sessions expire and wills are published at most this much late. */
const SWEEP_MS = 500;

const RECORD_TIMEOUT_MS = 30_000;

/** Restores what the log holds, and is ready for clients. Waits for the log as long as it takes. */
export async function createCore(options: CoreOptions): Promise<BrokerCore> {
  const { limits, maxProcessBytes, metrics, logger } = options;
  const { state, writer, lateCopies } = await openState(options);
  const registry = new ClientRegistry();
  const budget = new ProcessBudget(
    maxProcessBytes,
    () => registry.all(),
    () => metrics.limits.inc({ limit: 'process_bytes' }),
  );
  const messages = createMessageParts(options, writer, budget);
  const { delivery, records, retaining, single, path } = messages;
  const wills = new Wills(writer);
  const sessions = new Sessions({
    writer,
    records,
    delivery,
    limits,
    maxPerUser: options.maxSessionsPerUser,
    metrics,
    leave: (session, message) => single.leave(session, message),
  });
  const publishKept = (kept: KeptWill) => {
    const access = restoredAccess(kept.owner);
    void publishWill(kept, { access, session: sessions.get(access.key) }, { path, wills, metrics, logger });
  };
  restoreState({ state, sessions, delivery, records, retaining, wills, writer, limits, metrics, publishWill: publishKept, logger });

  const around = createSurroundings(options, { registry, sessions, wills, ...messages });
  const { admission, saves, departures } = around;
  const guard = new ClientGuard({ registry, admission, saves, logger });
  const stopSweeping = sweep(sessions, wills);
  showInMetrics({ metrics, registry, admission, saves, budget, sessions, records, wills, delivery });
  const { sysOrganisation: organisation } = options;
  const sys = organisation === undefined ? undefined : new SysTopics({ organisation, delivery, metrics, logger });
  await sys?.start();
  return {
    registry,
    admission,
    budget,
    delivery,
    guard,
    departures,
    receive: (socket, gate) => {
      const client = new Client(socket, gate, around);
      registry.add(client);
      if (budget.exhausted) client.stopReading();
    },
    close: () => {
      stopSweeping();
      sys?.close();
      guard.close();
      lateCopies.close();
    },
  };
}

type MessageParts = ReturnType<typeof createMessageParts>;

/** What a message passes on its way from its publisher into Kafka, onto record and to its subscribers. */
function createMessageParts({ log, router, maxQoS0Bytes, maxKeptBytes, metrics }: CoreOptions, writer: StateWriter, budget: ProcessBudget) {
  const bridge = new Bridge({ log, budget, maxQoS0Bytes, metrics });
  const delivery: LocalDelivery = new LocalDelivery(router, (organisation, topics) => void retaining.expired(organisation, topics));
  const records = new MessageRecords(writer, maxKeptBytes);
  const handOvers = new HandOverOrder();
  const single = new SingleCopies({ delivery, records, handOvers, metrics });
  const retaining = new Retaining({ delivery, records: new RetainedRecords(writer), handOvers, maxWaitingBytes: maxQoS0Bytes, metrics });
  const path = new MessagePath({ bridge, delivery, records, retaining, handOvers, single, metrics });
  return { delivery, records, retaining, single, path };
}

/** What every client is given, with those who let it in. */
function createSurroundings(options: CoreOptions, parts: MessageParts & { registry: ClientRegistry; sessions: Sessions; wills: Wills }) {
  const { log, connections, rates, ratesInAll, connectsPerSecond, metrics, logger } = options;
  const { connectsPerClientPerMinute, recordTimeoutMs = RECORD_TIMEOUT_MS } = options;
  const { registry, sessions, wills, path, retaining, single, delivery } = parts;
  const admission = new Admission({
    log,
    registry,
    sessions,
    wills,
    retaining,
    sessionExpiryOf: (connect) => sessionExpiryOf(connect, connections),
    takeOvers: new TakeOverLimiter(options.takeOvers),
    recordTimeoutMs,
    connectRate: connectsPerSecond ? new ConnectRate(connectsPerSecond, performance.now()) : undefined,
    clientConnectRate: connectsPerClientPerMinute ? new ClientConnectRate(connectsPerClientPerMinute) : undefined,
    metrics,
    logger,
  });
  return {
    options: connections,
    rates,
    rateInAll: ratesInAll && SharedReadRate.of(ratesInAll, performance.now()),
    flusher: new OutputFlusher(),
    departures: new Departures(),
    admission,
    path,
    retaining,
    single,
    delivery,
    sessions,
    saves: new AwaitedSaves({ timeoutMs: recordTimeoutMs, metrics }),
    wills,
    registry,
    metrics,
    logger,
  } satisfies ClientSurroundings;
}

/** Sessions expire and wills are published when it is time. @returns what ends that. */
function sweep(sessions: Sessions, wills: Wills): () => void {
  const sweeping = setInterval(() => {
    sessions.sweep();
    wills.sweep();
  }, SWEEP_MS);
  sweeping.unref();
  return () => clearInterval(sweeping);
}
