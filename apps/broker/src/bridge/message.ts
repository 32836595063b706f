import type { Publish } from '@milepost/mqtt';

/** What a PUBLISH and a will have in common. */
export type Message = Pick<Publish, 'topic' | 'payload' | 'qos' | 'retain' | 'properties'>;
