import Type from 'typebox';
import { pathId } from '../../shared/ids.js';

export const memberParams = Type.Object({
  ...pathId.group.properties,
  vehicleId: Type.String({ description: 'The vehicle, by the id in its certificate' }),
});
