import type { ShortAck } from '../codec/encoding/encoder.js';
import type { Packet } from '../packets/packet.js';
import type { ReasonCode } from '../packets/reason-code.js';
import type { ConnectionEffects } from './interface/connection-effects.js';
import type { EndCause } from './interface/connection-end.js';

/** What an established client's collaborators need of the engine around them. */
export interface ClientHost {
  readonly effects: Omit<ConnectionEffects, 'outputReady' | 'pauseReading' | 'resumeReading' | 'packets'>;
  /** False: larger than the client accepts, nothing was sent. */
  send(packet: Packet): boolean;
  /** Sends one that says success and nothing else. */
  acknowledge(type: ShortAck, packetId: number): void;
  /** Ends the connection; MQTT 5 is told why. */
  fail(reasonCode: ReasonCode, detail: string, cause?: EndCause): void;
  /** To be called after every event that comes from outside and may have changed `blocked`. */
  settled(now: number): void;
}
