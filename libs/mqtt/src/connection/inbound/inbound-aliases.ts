import type { Publish } from '../../packets/packet.js';
import { NO_PROPERTIES, type PublishProperties } from '../../packets/properties.js';
import { ReasonCode } from '../../packets/reason-code.js';

export type ResolvedTopic =
  | { readonly ok: true; readonly publish: Publish }
  | { readonly ok: false; readonly reasonCode: ReasonCode; readonly detail: string };

/** Topic aliases that the client has set on this connection (MQTT 5.0 §3.3.2.3.4). */
export class InboundAliases {
  private readonly topics = new Map<number, string>();

  constructor(private readonly maximum: number) {}

  /** The publish with its topic, and without the alias, which means nothing beyond this connection. */
  resolve(publish: Publish, alias: number): ResolvedTopic {
    if (alias > this.maximum) {
      return { ok: false, reasonCode: ReasonCode.TopicAliasInvalid, detail: `topic alias ${alias} is above the maximum (MQTT-3.3.2-9)` };
    }
    const topic = publish.topic === '' ? this.topics.get(alias) : publish.topic;
    if (topic === undefined) return { ok: false, reasonCode: ReasonCode.ProtocolError, detail: `topic alias ${alias} is not set` };
    if (publish.topic !== '') this.topics.set(alias, topic);
    return { ok: true, publish: { ...publish, topic, properties: withoutAlias(publish.properties) } };
  }
}

/** Most publishes with an alias say nothing else: these are as plain as those that write their topic out. */
function withoutAlias(properties: PublishProperties): PublishProperties {
  for (const name in properties) {
    if (name === 'topicAlias') continue;
    const { topicAlias: _, ...others } = properties;
    return others;
  }
  return NO_PROPERTIES;
}
