import { maxBridgedBytes } from '@milepost/contracts';
import { NO_PROPERTIES, type Publish } from '@milepost/mqtt';

/** What a PUBLISH and a will have in common. */
export type Message = Pick<Publish, 'topic' | 'payload' | 'qos' | 'retain' | 'properties'>;

/** Of QoS 1 and nothing but a payload: bridged, its record differs from the one before it in its value alone. */
export function isPlain({ payload, qos, retain, properties }: Message): boolean {
  return qos === 1 && !retain && properties === NO_PROPERTIES && payload.length <= maxBridgedBytes;
}
