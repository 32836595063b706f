import { isVehicleId } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { eq } from 'drizzle-orm';
import type { OrganisationView } from '../database.js';
import { ApiProblem } from '../problems/problem.js';

const { vehicles } = schema;

/**
 * The compact id of a vehicle.
 * @throws ApiProblem `vehicle_not_found`, also for a vehicle of another organisation: that it exists is nobody else's business.
 */
export async function findVehicle({ orm }: OrganisationView, vehicleId: string): Promise<{ id: number; vehicleId: string }> {
  const [found] = isVehicleId(vehicleId)
    ? await orm.select({ id: vehicles.id, vehicleId: vehicles.vehicleId }).from(vehicles).where(eq(vehicles.vehicleId, vehicleId))
    : [];
  if (found) return found;
  throw new ApiProblem(
    'vehicle_not_found',
    `No vehicle with the id ${vehicleId} is known in this organisation; GET /v1/vehicles lists those that were heard of.`,
  );
}
