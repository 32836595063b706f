import type { Connected, Disconnected, Lease, Refused, WillPublished } from '@milepost/contracts';
import type { Will } from './state/connection.js';

/** What the machine reads of a presence record: nothing else of it can change a state. */
export type MachineRecord = Lease | MachineConnected | MachineDisconnected | MachineWill | MachineRefused;

export type MachineConnected = Pick<
  Connected,
  'kind' | 'vehicleId' | 'connectionId' | 'node' | 'epoch' | 'address' | 'connectedAt' | 'resumed'
> & {
  will?: Pick<Will, 'topic' | 'payloadBase64' | 'delaySeconds'>;
  /** Not in the history: the will's delay in it keeps to the session already. */
  sessionExpirySeconds?: number;
};
type MachineDisconnected = Pick<
  Disconnected,
  'kind' | 'vehicleId' | 'connectionId' | 'cause' | 'sessionExpirySeconds' | 'willDelaySeconds'
>;
type MachineWill = Pick<WillPublished, 'kind' | 'vehicleId' | 'connectionId' | 'topic' | 'payloadBase64'>;
type MachineRefused = Pick<Refused, 'kind' | 'reason' | 'commonName' | 'address'>;
