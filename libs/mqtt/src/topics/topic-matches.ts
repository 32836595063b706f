/** Does the filter match the topic (MQTT 5.0 §4.7)? Both must be valid; a shared filter is to be unwrapped first. */
export function topicMatches(filter: string, topic: string): boolean {
  const pattern = filter.split('/');
  const levels = topic.split('/');
  // MQTT-4.7.2-1: wildcards do not match a first level that begins with $.
  if (topic.startsWith('$') && (pattern[0] === '+' || pattern[0] === '#')) return false;
  for (let index = 0; index < pattern.length; index++) {
    const expected = pattern[index];
    if (expected === '#') return true;
    if (index >= levels.length) return false;
    if (expected !== '+' && expected !== levels[index]) return false;
    // `a/#` matches `a` too: the parent level is part of it.
    if (index === levels.length - 1 && index === pattern.length - 2 && pattern[index + 1] === '#') return true;
  }
  return pattern.length === levels.length;
}
