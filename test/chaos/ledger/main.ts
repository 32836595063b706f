// The ledger: a process of its own, so that nothing that happens to the pipeline or to the run can touch what it knows.
import { audit } from './audit.js';
import { Fleet } from './fleet.js';
import type { FromLedger, OrderName, OrderOf, Orders, ToLedger } from './orders.js';
import { WebhookReceiver } from './webhook-receiver.js';

const PROGRESS_EVERY_MS = 200;

const tell = (message: FromLedger) => void process.send?.(message);
let fleet: Fleet | undefined;
const receiver = new WebhookReceiver();

const started = (): Fleet => {
  if (fleet === undefined) throw new Error('The ledger was not started');
  return fleet;
};

type Handlers = { [Name in OrderName]: (order: OrderOf<Name>) => ReturnType<Orders[Name]> | Promise<ReturnType<Orders[Name]>> };

const handlers: Handlers = {
  start: async (order) => {
    fleet = new Fleet(order);
    const webhookUrl = await receiver.listen();
    await fleet.start();
    setInterval(() => tell({ kind: 'progress', progress: started().progress() }), PROGRESS_EVERY_MS).unref();
    return { webhookUrl };
  },
  expectWebhooks: ({ secret }) => void receiver.verifyWith(secret),
  lifted: () => started().lifted(),
  takeAway: ({ vehicles }) => void started().takeAway(vehicles),
  bringBack: ({ vehicles }) => void started().bringBack(vehicles),
  stepClocks: (order) => void started().stepClocks(order),
  stalled: (stall) => void started().stalled(stall),
  join: async ({ identity }) => void (await started().join(identity)),
  expectLetters: async ({ letters }) => void (await started().expectLetters(letters)),
  poison: (order) => started().poison(order),
  drain: async ({ timeoutMs }) => ({ unacknowledged: await started().drain(timeoutMs) }),
  audit: async (order) => {
    // What happened since the last message was made is noted as well.
    await started().written();
    return audit(order, receiver);
  },
  end: async () => {
    await fleet?.end();
    receiver.close();
    setImmediate(() => process.disconnect());
  },
};

process.on('message', ({ id, name, order }: ToLedger) => {
  const handle = handlers[name] as (order: unknown) => unknown;
  Promise.resolve()
    .then(() => handle(order))
    .then(
      (value) => tell({ kind: 'answer', id, value }),
      (error: unknown) => tell({ kind: 'failed', id, message: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
});
// Ctrl-C in the terminal is told to all; the run decides what becomes of it.
process.on('SIGINT', () => undefined);
// Without the run there is nothing to know.
process.on('disconnect', () => process.exit());
