import { mqttHeaders, type RetainedRecord, topics } from '@milepost/contracts';
import type { OutboundMessage } from '@milepost/mqtt';
import { keptProperties, toWallClock } from '../sessions/kept-properties.js';
import type { StateWriter } from '../sessions/state-writer.js';

/** Of a record in `mqtt.retained`. */
export function retainedKey(organisation: string, topic: string): string {
  return `${encodeURIComponent(organisation)}/${topic}`;
}

/** `mqtt.retained`: the last retained message of each topic. */
export class RetainedRecords {
  constructor(private readonly writer: StateWriter) {}

  /** @returns whether it is durable. An empty payload removes (MQTT-3.3.1-6). */
  async keep(organisation: string, { topic, payload, qos, retain, properties, expiresAtMs }: OutboundMessage): Promise<boolean> {
    const key = retainedKey(organisation, topic);
    if (payload.length === 0) return (await this.writer.remove(topics.mqttRetained, key, key)).kind === 'stored';
    const record: RetainedRecord = {
      ...this.writer.stamp(),
      organisation,
      topic,
      qos,
      retain,
      properties: keptProperties(properties),
      ...(expiresAtMs !== undefined && { expiresAt: toWallClock(expiresAtMs) }),
    };
    const headers = { [mqttHeaders.message]: JSON.stringify(record) };
    return (await this.writer.put(topics.mqttRetained, key, key, payload, headers)).kind === 'stored';
  }
}
