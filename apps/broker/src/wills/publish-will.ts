import type { Logger } from '@milepost/runtime';
import type { MessagePath, Publisher } from '../delivery/message-path.js';
import type { KeptWill, Wills } from './wills.js';

export interface WillSurroundings {
  readonly path: MessagePath;
  readonly wills: Wills;
  readonly logger: Logger;
}

/** A will is a message of the client's like any other. */
export async function publishWill(kept: KeptWill, publisher: Publisher, { path, wills, logger }: WillSurroundings): Promise<void> {
  const { owner, will, id } = kept;
  const route = publisher.access.routeOf(will.topic);
  if (route === undefined) return;
  const { kind: outcome } = await path.putWill(will, route, publisher, { client: owner.key, id, forget: () => wills.forget(kept) });
  if (outcome !== 'stored')
    logger.error(
      { event: 'broker.will.lost', clientId: owner.clientId, organisation: owner.organisation, outcome },
      'A will could not be stored as a message; what is on record of its connection stands',
    );
}
