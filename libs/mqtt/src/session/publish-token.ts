import type { Publish } from '../packets/packet.js';

/** Of a publish that awaits its acknowledgement; handed back to say its outcome exactly once, whether the connection has ended or not. */
export interface PublishToken {
  readonly publish: Publish;
}
