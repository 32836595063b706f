/** What refers to a group of vehicles. */
export interface GroupUses {
  policy: boolean;
  /** Ids of those that are not over. */
  mutes: string[];
  /** By their names. */
  geofences: string[];
  /** Ids. */
  webhooks: string[];
}

/** Of each kind; how many more there are is said. */
const maxNamed = 10;

/** `its policy, the geofences yard, gate and the webhook 01…`. Undefined of a group that nothing refers to. */
export function groupUsesInWords({ policy, mutes, geofences, webhooks }: GroupUses): string | undefined {
  const parts = [
    ...(policy ? ['its policy'] : []),
    ...named('mute', mutes),
    ...named('geofence', geofences),
    ...named('webhook', webhooks),
  ];
  const last = parts.pop();
  return parts.length === 0 ? last : `${parts.join(', ')} and ${last}`;
}

function named(kind: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const more = names.length > maxNamed ? ` (and ${names.length - maxNamed} more)` : '';
  return [`the ${kind}${names.length === 1 ? '' : 's'} ${names.slice(0, maxNamed).join(', ')}${more}`];
}
