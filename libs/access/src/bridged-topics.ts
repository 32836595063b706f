import { vehicleRoutes } from '@milepost/contracts';

const PREFIX = 'fleet/';
/** Beside the topics that have a route: bridged with the commands, and a vehicle's own from the start. */
const RESULTS = 'commands/results';

/** A topic on which a vehicle alone speaks, `fleet/{vehicle}/location` for one: nobody else publishes there, whatever an ACL says. */
export function isBridgedTopic(topic: string): boolean {
  if (!topic.startsWith(PREFIX)) return false;
  const end = topic.indexOf('/', PREFIX.length);
  if (end < 0) return false;
  const branch = topic.slice(end + 1);
  return branch === RESULTS || Object.hasOwn(vehicleRoutes, branch);
}
