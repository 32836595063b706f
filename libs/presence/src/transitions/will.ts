import type { WillPublished } from '@milepost/contracts';
import { keptWill, type Will } from '../state/connection.js';
import type { Away, Offline, Suspect } from '../state/presence.js';
import type { Stepped, VehicleState } from '../state/vehicle-state.js';

/** A will was published. It stands on the alert and changes no state, so that a late one harms nobody. */
export function publishWill(
  vehicle: VehicleState,
  record: Pick<WillPublished, 'connectionId' | 'topic' | 'payloadBase64'>,
  atMs: number,
): Stepped {
  const published = (announced: Will | undefined): Will => ({
    ...keptWill({ ...record, delaySeconds: announced?.delaySeconds ?? 0 }),
    publishedAtMs: announced?.publishedAtMs ?? atMs,
  });
  const annotated = (away: Suspect | Offline) => ({ ...away, will: published(away.will) });

  const { connections, presence } = vehicle;
  if (connections.some(({ id }) => id === record.connectionId)) {
    const opened = connections.map((open) => (open.id === record.connectionId ? { ...open, will: published(open.will) } : open));
    return { vehicle: { ...vehicle, connections: opened }, effects: [] };
  }
  if (presence.kind === 'online') {
    if (presence.rest === undefined || !isLossOf(presence.rest.away, record.connectionId)) return { vehicle, effects: [] };
    const away = annotated(presence.rest.away);
    return { vehicle: { ...vehicle, presence: { ...presence, rest: { ...presence.rest, away } } }, effects: annotation(vehicle, away) };
  }
  if (!isLossOf(presence, record.connectionId)) return { vehicle, effects: [] };
  const away = annotated(presence);
  return { vehicle: { ...vehicle, presence: away }, effects: annotation(vehicle, away) };
}

function isLossOf(away: Away, connectionId: string): away is Suspect | Offline {
  return (away.kind === 'suspect' || away.kind === 'offline') && away.connectionId === connectionId;
}

function annotation({ vehicle }: VehicleState, away: Away): Stepped['effects'] {
  if (away.kind !== 'offline' || away.notice.kind !== 'alert' || away.will === undefined) return [];
  return [{ kind: 'annotate_alert', vehicle, type: 'offline', will: away.will }];
}
