/** Does the filter match the topic (MQTT 5.0 §4.7)? Both must be valid; a shared filter is to be unwrapped first. */
export function topicMatches(filter: string, topic: string): boolean {
  const pattern = filter.split('/');
  const levels = topic.split('/');
  // MQTT-4.7.2-1: wildcards do not match a first level that begins with $.
  if (topic.startsWith('$') && (pattern[0] === '+' || pattern[0] === '#')) return false;
  for (let index = 0; index < pattern.length; index++) {
    const expected = pattern[index];
    // Before the level is looked at: `a/#` matches `a` too.
    if (expected === '#') return true;
    if (index >= levels.length) return false;
    if (expected !== '+' && expected !== levels[index]) return false;
  }
  return pattern.length === levels.length;
}
