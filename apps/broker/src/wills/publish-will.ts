import type { Logger } from '@milepost/runtime';
import type { MessagePath } from '../delivery/message-path.js';
import type { Publisher } from '../delivery/publisher.js';
import type { KeptWill } from './kept-will.js';
import type { Wills } from './wills.js';

export interface WillSurroundings {
  readonly path: MessagePath;
  readonly wills: Wills;
  readonly logger: Logger;
}

/** A will is a message of the client's like any other. */
export async function publishWill(kept: KeptWill, publisher: Publisher, { path, wills, logger }: WillSurroundings): Promise<void> {
  const { owner, will, id } = kept;
  wills.publishing(kept);
  const route = publisher.access.routeOf(will.topic);
  if (route === undefined) {
    // Left on record it would be published by whoever starts next, who knows nothing of rights.
    logger.warn(
      { event: 'broker.will.not_authorised', clientId: owner.clientId, organisation: owner.organisation },
      'A will is addressed to a topic that its client may not publish any more; it is dropped',
    );
    await wills.forget(kept);
    return;
  }
  const { kind: outcome } = await path.putWill(will, route, publisher, { client: owner.key, id, forget: () => wills.forget(kept) });
  if (outcome === 'stored') return;
  wills.lost(kept);
  logger.error(
    { event: 'broker.will.lost', clientId: owner.clientId, organisation: owner.organisation, outcome },
    'A will could not be stored as a message; what is on record of its connection stands',
  );
}
