import Type, { type Static } from 'typebox';
import { instant, name, optional, text } from './fields.js';

export const VehicleGroupCreateSchema = Type.Object({ name, description: optional(text(512)) }, { additionalProperties: false });

export const VehicleGroupSchema = Type.Object({
  id: Type.String(),
  name: Type.String({ description: 'Unique in the organisation' }),
  description: optional(Type.String()),
  createdAt: instant,
  vehicles: Type.Integer({ description: 'Members' }),
});
export type VehicleGroup = Static<typeof VehicleGroupSchema>;

export const GroupMemberSchema = Type.Object({ vehicleId: Type.String(), addedAt: instant });
export type GroupMember = Static<typeof GroupMemberSchema>;

/** Groups of an organisation. */
export const maxVehicleGroups = 1_000;
