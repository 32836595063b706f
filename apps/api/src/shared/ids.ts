import Type from 'typebox';

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Ids are opaque to clients: one that cannot be is one that is not there. */
export const isUuid = (text: string): boolean => uuid.test(text);

export const idParams = Type.Object({ id: Type.String() });
