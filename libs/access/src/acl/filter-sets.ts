/** Filters as sets of topics. Both must be valid; shared ones are to be unwrapped first. */

/** Does `granted` match every topic that `filter` matches? */
export function filterCovers(granted: string, filter: string): boolean {
  const outer = granted.split('/');
  const inner = filter.split('/');
  if (isReserved(inner) && isWildcard(outer[0])) return false;
  for (let index = 0; index < outer.length; index++) {
    const allowed = outer[index];
    // `a/#` covers `a` too.
    if (allowed === '#') return true;
    const asked = inner[index];
    // `+/#` has all that `#` asks for but the parent level, and that counts for nothing where it would be the empty topic.
    if (asked === '#') return isEmptyTopic(inner.slice(0, index)) && allowed === '+' && outer[index + 1] === '#';
    if (asked === undefined || (allowed !== '+' && allowed !== asked)) return false;
  }
  return inner.length === outer.length;
}

/** Is there a topic that both match? */
export function filtersOverlap(one: string, other: string): boolean {
  const left = one.split('/');
  const right = other.split('/');
  if ((isReserved(left) && isWildcard(right[0])) || (isReserved(right) && isWildcard(left[0]))) return false;
  for (let index = 0; ; index++) {
    const [a, b] = [left[index], right[index]];
    // `#` stands for any number of levels, none included: but what is left must be a topic.
    if (a === '#') return b !== undefined || !isEmptyTopic(left.slice(0, index));
    if (b === '#') return a !== undefined || !isEmptyTopic(right.slice(0, index));
    if (a === undefined || b === undefined) return a === b;
    if (a !== b && a !== '+' && b !== '+') return false;
  }
}

/** MQTT-4.7.2-1: no wildcard matches a first level that begins with $. */
function isReserved(levels: readonly string[]): boolean {
  return levels[0]?.startsWith('$') === true;
}

/** No topic is empty (MQTT-4.7.3-1). */
function isEmptyTopic(levels: readonly string[]): boolean {
  return levels.length === 0 || (levels.length === 1 && levels[0] === '');
}

function isWildcard(level: string | undefined): boolean {
  return level === '+' || level === '#';
}
