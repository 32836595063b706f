import { createHash, randomBytes } from 'node:crypto';
import type { Scope } from '@milepost/contracts';
import type { Pool } from 'pg';
import { sql } from '../statements/sql.js';

const create = sql('api-keys/create');
const find = sql('api-keys/find');
const findValid = sql('api-keys/find-valid');
const list = sql('api-keys/list');
const revoke = sql('api-keys/revoke');

/** Tells a key from other secrets, for people and for scanners of repositories. */
const keyPrefix = 'mp_';
const shownCharacters = keyPrefix.length + 8;

/** Who calls the API, and what it may do. */
export interface ApiKey {
  id: string;
  organisationId: number;
  organisation: string;
  /** The actor in acknowledgements. */
  name: string;
  scopes: Scope[];
}

/** A key as a list shows it: never the key itself. */
export interface ApiKeyEntry extends Omit<ApiKey, 'organisationId'> {
  /** Its first characters. */
  prefix: string;
  createdAt: Date;
  revokedAt: Date | null;
}

export interface NewApiKey {
  name: string;
  organisation: string;
  scopes: readonly Scope[];
}

/** Makes a key of 256 random bits, as the owner. It can be shown this once: only its SHA-256 is stored. */
export async function createApiKey(owner: Pool, { name, organisation, scopes }: NewApiKey): Promise<{ id: string; key: string }> {
  const key = keyPrefix + randomBytes(32).toString('base64url');
  const values = [name, organisation, scopes, hashOf(key), key.slice(0, shownCharacters)];
  for (;;) {
    const { rows } = await owner.query<{ id: string }>({ ...create, values });
    // No row: the organisation was made by another at the same moment, outside this statement's snapshot.
    if (rows[0]) return { id: rows[0].id, key };
  }
}

/** The key's holder; undefined when there is no such key or it is revoked. */
export async function findApiKey(pool: Pool, key: string): Promise<ApiKey | undefined> {
  const { rows } = await pool.query<ApiKey>({ ...find, values: [hashOf(key)] });
  return rows[0];
}

/** Every key of the installation, oldest first; as the owner. */
export async function listApiKeys(owner: Pool): Promise<ApiKeyEntry[]> {
  return (await owner.query<ApiKeyEntry>(list)).rows;
}

/** What tells a key from the others. */
export type NamedApiKey = Pick<ApiKeyEntry, 'id' | 'prefix' | 'name' | 'organisation'>;

/** Valid keys with this id, this name, these first characters (`mp_` and four at least), or the key itself; as the owner. Names may repeat. */
export async function findValidApiKeys(owner: Pool, said: string): Promise<NamedApiKey[]> {
  return (await owner.query<NamedApiKey>({ ...findValid, values: [said, hashOf(said)] })).rows;
}

/** Revokes the keys with this id or these first characters; as the owner. @returns those that were valid until now. */
export async function revokeApiKey(owner: Pool, idOrPrefix: string): Promise<Pick<ApiKeyEntry, 'id' | 'prefix' | 'name'>[]> {
  return (await owner.query<Pick<ApiKeyEntry, 'id' | 'prefix' | 'name'>>({ ...revoke, values: [idOrPrefix] })).rows;
}

const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();
