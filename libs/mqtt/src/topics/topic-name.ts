/** The longest topic name or filter, in UTF-8 bytes (MQTT-4.7.3-3). The wire cannot carry more; configuration could. */
export const MAX_TOPIC_BYTES = 65_535;

/** A topic to publish on: not empty, no wildcard, no U+0000 (MQTT-4.7.1-1, -4.7.3-1, -2). */
export function isTopicName(topic: string): boolean {
  if (topic.length === 0) return false;
  for (let at = 0; at < topic.length; at++) {
    const code = topic.charCodeAt(at);
    if (code === PLUS || code === HASH || code === 0) return false;
  }
  return topic.length <= MAX_TOPIC_BYTES / 3 || Buffer.byteLength(topic) <= MAX_TOPIC_BYTES;
}

/** Of a topic name or filter; an empty one is a level too (MQTT 5.0 §4.7.1.1). */
export function levelsOf(topic: string): number {
  let levels = 1;
  for (let at = topic.indexOf('/'); at >= 0; at = topic.indexOf('/', at + 1)) levels++;
  return levels;
}

const HASH = 0x23;
const PLUS = 0x2b;
