import { env } from '@milepost/runtime';

/** The variables of every app that uses Postgres. TLS is asked for in the URL (`sslmode`, `sslrootcert`). */
export const databaseEnv = {
  DATABASE_URL: env.string({
    description: "Postgres connection string of the app's role, like postgres://milepost_api:…@host:5432/milepost?sslmode=verify-full",
    secret: true,
  }),
  DATABASE_POOL_SIZE: env.integer({ default: 8, minimum: 1, maximum: 100, description: 'Most connections to Postgres' }),
};
