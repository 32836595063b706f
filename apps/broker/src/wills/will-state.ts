import type { KeptWill } from './kept-will.js';

/** What there is of a client's latest will. One that is being published is none any more. */
export type WillState = { readonly kind: 'none' } | AnnouncedState | WaitingState | ClaimedState;

/** Its connection is there, or is being let in. */
interface AnnouncedState {
  readonly kind: 'announced';
  readonly will: KeptWill;
}

/** Its connection is over, and it is published when it is due. */
export interface WaitingState {
  /** `delayed`: by its client's wish. `deferred`: its connection ended with us, and whoever comes back drops it (decision 0003). */
  readonly kind: 'delayed' | 'deferred';
  readonly will: KeptWill;
  readonly dueAtMs: number;
  publish(): void;
}

/** It waited when a CONNECT of its client came, and is neither published nor dropped until that is decided. */
interface ClaimedState {
  readonly kind: 'claimed';
  readonly before: WaitingState;
  /** The session of `before` ends with the new connection: it is published then (MQTT-3.1.3-9). Else it is dropped. */
  readonly isOver: boolean;
  /** The one of the CONNECT. */
  readonly will: KeptWill | undefined;
  /** The one of the CONNECT has the place of `before` on record. */
  readonly hasPlace: boolean;
}

export const NO_WILL: WillState = { kind: 'none' };

export function isWaiting(state: WillState): state is WaitingState {
  return state.kind === 'delayed' || state.kind === 'deferred';
}
