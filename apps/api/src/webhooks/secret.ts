import { randomBytes } from 'node:crypto';

/** Standard Webhooks asks for 24 to 64 random bytes. */
const secretBytes = 32;

export const newSecret = (): string => `whsec_${randomBytes(secretBytes).toString('base64')}`;
