import { MAX_TOPIC_BYTES } from './topic-name.js';

/** `$share/{group}/{filter}` (MQTT 5.0 §4.8.2). */
export interface SharedFilter {
  readonly group: string;
  readonly filter: string;
}

const SHARE_PREFIX = '$share/';

/** A filter to subscribe with: `+` and `#` fill their level, `#` is last (MQTT-4.7.1-1, -2); shared ones are valid in group and filter. */
export function isTopicFilter(filter: string): boolean {
  if (!isShared(filter)) return isPlainFilter(filter);
  return parseSharedFilter(filter) !== undefined;
}

export function isShared(filter: string): boolean {
  return filter.startsWith(SHARE_PREFIX);
}

/** Group and filter of a shared subscription; undefined if either is invalid (MQTT-4.8.2-1, -2). */
export function parseSharedFilter(shared: string): SharedFilter | undefined {
  const slash = shared.indexOf('/', SHARE_PREFIX.length);
  if (slash < 0) return undefined;
  const group = shared.slice(SHARE_PREFIX.length, slash);
  const filter = shared.slice(slash + 1);
  if (group === '' || /[+#]/.test(group) || !isPlainFilter(filter)) return undefined;
  return { group, filter };
}

/** What topics are matched with. */
export function plainFilter(filter: string): string {
  return isShared(filter) ? (parseSharedFilter(filter)?.filter ?? filter) : filter;
}

export function hasWildcard(filter: string): boolean {
  return filter.includes('+') || filter.includes('#');
}

/** As every version has it: nothing is shared in 3.1.1, and `$share/a` is a filter like any other. */
export function isPlainFilter(filter: string): boolean {
  if (filter === '' || filter.includes('\0') || Buffer.byteLength(filter) > MAX_TOPIC_BYTES) return false;
  const levels = filter.split('/');
  return levels.every((level, index) => {
    if (level === '+') return true;
    if (level === '#') return index === levels.length - 1;
    return !hasWildcard(level);
  });
}
