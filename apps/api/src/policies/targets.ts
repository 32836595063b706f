import type { Route } from '../route.js';
import { pathId } from '../shared/ids.js';
import { findGroup } from '../vehicle-groups/vehicle-group.js';
import { findVehicle } from '../vehicles/find-vehicle.js';
import { policyRoutes } from './routes-of-target.js';

/** Policies of the organisation, of a group and of a vehicle. */
export const targetPolicies: readonly Route[] = [
  ...policyRoutes({
    url: '/v1/policies/organisation',
    name: 'Organisation',
    whose: 'the organisation',
    problems: [],
    target: async () => ({ scope: 'organisation' }),
  }),
  ...policyRoutes({
    url: '/v1/policies/groups/:id',
    name: 'Group',
    whose: 'a group of vehicles',
    params: pathId.group,
    problems: ['group_not_found'],
    target: async (view, { id = '' }) => ({ scope: 'group', groupId: (await findGroup(view, id)).id }),
  }),
  ...policyRoutes({
    url: '/v1/policies/vehicles/:id',
    name: 'Vehicle',
    whose: 'one vehicle',
    params: pathId.vehicle,
    problems: ['vehicle_not_found'],
    target: async (view, { id = '' }) => {
      const { id: vehicle, vehicleId } = await findVehicle(view, id);
      return { scope: 'vehicle', vehicle, vehicleId };
    },
  }),
];
