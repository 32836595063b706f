import { NO_PROPERTIES, type PublishProperties, type WillProperties } from './properties.js';

interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  readonly properties: PublishProperties | WillProperties;
}

/** A pair of strings costs this much beside its characters: empty ones take five bytes on the wire. */
const PAIR_BYTES = 64;

/** What a message that is kept counts against a limit, about: its payload, its topic, and whatever its properties hold. */
export function messageBytes({ topic, payload, properties }: Message): number {
  const bytes = payload.length + topic.length;
  if (properties === NO_PROPERTIES) return bytes;
  const { contentType, responseTopic, correlationData, userProperties = [] } = properties;
  const single = (contentType?.length ?? 0) + (responseTopic?.length ?? 0) + (correlationData?.length ?? 0);
  return userProperties.reduce((sum, [name, value]) => sum + PAIR_BYTES + name.length + value.length, bytes + single);
}
