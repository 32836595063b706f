import type { Logger } from '@milepost/runtime';
import type { MessagePath } from '../delivery/message-path.js';
import type { Publisher } from '../delivery/publisher.js';
import type { BrokerMetrics } from '../metrics.js';
import type { KeptWill } from './kept-will.js';
import type { Wills } from './wills.js';

export interface WillSurroundings {
  readonly path: MessagePath;
  readonly wills: Wills;
  readonly metrics: Pick<BrokerMetrics, 'willsGivenUp'>;
  readonly logger: Logger;
}

/** A will is a message of the client's like any other. */
export async function publishWill(kept: KeptWill, publisher: Publisher, { path, wills, metrics, logger }: WillSurroundings): Promise<void> {
  const { owner, will, id } = kept;
  wills.publishing(kept);
  const route = publisher.access.routeOf(will.topic);
  if (route === undefined) {
    // Left on record it would be published by whoever starts next, who knows nothing of rights.
    logger.warn(
      { event: 'broker.will.not_authorised', clientId: owner.clientId, organisation: owner.organisation },
      'A will is addressed to a topic that its client may not publish any more; it is dropped',
    );
    metrics.willsGivenUp.inc({ reason: 'not_authorised' });
    await wills.forget(kept);
    return;
  }
  const outcome = await path.putWill(will, route, publisher, { client: owner.key, id, forget: () => wills.forget(kept) });
  if (outcome.kind !== 'refused') return;
  noteRefusal(kept, outcome.code, { metrics, logger });
  await wills.forget(kept);
}

/** The log will never take it, or a part of it (decision 0004; all else is waited for): every later start would only be refused again. */
export function noteRefusal({ owner }: KeptWill, code: string, { metrics, logger }: Pick<WillSurroundings, 'metrics' | 'logger'>): void {
  logger.error(
    { event: 'broker.will.refused', clientId: owner.clientId, organisation: owner.organisation, code },
    'Kafka refuses a will for what is in it; it is given up',
  );
  metrics.willsGivenUp.inc({ reason: 'refused' });
}
