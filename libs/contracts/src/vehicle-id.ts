import Type from 'typebox';

/** Unique in an installation; the subject CN of the vehicle's certificate, its MQTT client id, and the key of its Kafka records. */
export type VehicleId = string & { readonly __brand: 'VehicleId' };

export const vehicleIdPattern = '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$';
const pattern = new RegExp(vehicleIdPattern);

export function isVehicleId(text: string): text is VehicleId {
  return pattern.test(text);
}

export const VehicleIdSchema = Type.String({ pattern: vehicleIdPattern, description: 'Vehicle id: the CN of its certificate' });
