import { mqttHeaders, type RetainedRecord, topics } from '@milepost/contracts';
import { type AppendOutcome, encodedBytes } from '@milepost/kafka';
import type { OutboundMessage } from '@milepost/mqtt';
import { recordId } from '../log/stamp.js';
import type { StateWriter } from '../state/state-writer.js';
import { messageFields } from './message-fields.js';
import { maxRecordBytes, surelyFits } from './record-room.js';

/** Of a record in `mqtt.retained`. */
export function retainedKey(organisation: string, topic: string): string {
  return `${encodeURIComponent(organisation)}/${topic}`;
}

/** `mqtt.retained`: the last retained message of each topic. */
export class RetainedRecords {
  constructor(private readonly writer: StateWriter) {}

  /** Does it fit into one record? Kafka would refuse it for ever. */
  fits(organisation: string, message: OutboundMessage): boolean {
    return message.payload.length === 0 || surelyFits(message) || encodedBytes(this.recordOf(organisation, message)) <= maxRecordBytes;
  }

  /** `stored`: it is what its topic retains, in the next life too. An empty payload removes (MQTT-3.3.1-6). `of`: its record in `mqtt.messages`. */
  keep(organisation: string, message: OutboundMessage, of?: string): Promise<AppendOutcome> {
    const key = retainedKey(organisation, message.topic);
    if (message.payload.length === 0) return this.writer.remove(topics.mqttRetained, key, key, of);
    const { value, headers } = this.recordOf(organisation, message, of);
    return this.writer.put(topics.mqttRetained, key, key, value, headers);
  }

  /** A place between the messages that have their record by now and those to come, as records name each other. */
  now(): string {
    return recordId(this.writer.stamp());
  }

  /** What was retained `asOf` then has expired. Where there is no room for that its record stays: whoever starts next finds that it has. */
  expired(organisation: string, topic: string, asOf: string): void {
    const key = retainedKey(organisation, topic);
    void this.writer.remove(topics.mqttRetained, key, key, asOf);
  }

  private recordOf(organisation: string, message: OutboundMessage, of?: string) {
    const record: RetainedRecord = { ...this.writer.stamp(), ...messageFields(organisation, message), ...(of !== undefined && { of }) };
    const key = retainedKey(organisation, message.topic);
    return { key, value: message.payload, headers: { [mqttHeaders.message]: JSON.stringify(record) } };
  }
}
