import type { Connected } from '@milepost/contracts';
import type { Admission } from '../../clients/admission.js';
import { clientKey } from '../../clients/client-key.js';
import type { ClientRegistry } from '../../clients/client-registry.js';
import { VehicleGate } from './vehicle-gate.js';

/** Another node has recorded a connection of one of our vehicles. The later one in the log stays. */
export function rivalSeen(
  { organisation, vehicleId }: Connected,
  offset: bigint,
  { registry, admission }: { registry: ClientRegistry; admission: Admission },
): void {
  const client = registry.holder(clientKey('vehicle', organisation, vehicleId));
  if (!(client?.gate instanceof VehicleGate)) return;
  client.gate.rivalled(offset);
  if (client.gate.replaced) admission.takeOver(client, 'another_node');
}
