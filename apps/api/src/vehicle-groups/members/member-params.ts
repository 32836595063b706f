import Type from 'typebox';

export const memberParams = Type.Object({ id: Type.String(), vehicleId: Type.String() });
