import { type Pool, postgresVersionFault, schemaFault } from '@milepost/database';
import type { Installation } from '../reaching/installation.js';
import { examined, type Finding, fine, wrong } from './finding.js';

/** Clocks further apart than this confuse whoever compares times of two machines. */
const tolerableMs = 2_000;

interface Row {
  server_version: string;
  now: Date;
}

/** Whether Postgres answers, has the schema, and agrees about the time. Nothing where none is named: that is the stack's finding. */
export async function checkPostgres(installation: Installation): Promise<Finding[]> {
  if (!installation.namesPostgres) return [];
  return examined('Postgres', 'A stack writes the log of its own Postgres to logs/postgres.log in its data folder.', () =>
    installation.withOwner(async (owner) => {
      const askedAt = Date.now();
      const { rows } = await owner.query<Row>(`select current_setting('server_version') as server_version, clock_timestamp() as now`);
      const answeredAt = Date.now();
      const row = rows[0];
      if (row === undefined) return wrong('Postgres', 'it answers with nothing', 'Check that DATABASE_URL names a Postgres server.');
      const fault = postgresVersionFault(row.server_version);
      if (fault !== undefined) return wrong('Postgres', fault, 'Upgrade that server (pg_upgrade), or name another in DATABASE_URL.');
      return [
        fine('Postgres', `version ${row.server_version} answers`),
        await schemaOf(owner),
        clock(row.now.getTime(), askedAt, answeredAt),
      ];
    }),
  );
}

async function schemaOf(owner: Pool): Promise<Finding> {
  const subject = 'Database schema';
  const found = await schemaFault(owner);
  if (found === undefined) return fine(subject, 'it is the one of this version');
  const mend = found.migrate
    ? 'Run `npx milepost migrate`; README.md, "Upgrading", says what to stop before, where milepost is in use.'
    : 'Use that version; there is no way back but a backup.';
  return wrong(subject, found.fault, mend);
}

/** The server's time must lie between question and answer, give or take. */
function clock(thereMs: number, askedAt: number, answeredAt: number): Finding {
  const offsetMs = thereMs < askedAt ? thereMs - askedAt : Math.max(0, thereMs - answeredAt);
  if (Math.abs(offsetMs) <= tolerableMs) return fine('Clock', 'this machine and Postgres agree');
  const direction = offsetMs > 0 ? 'behind' : 'ahead of';
  return wrong(
    'Clock',
    `this machine is ${Math.abs(offsetMs)} ms ${direction} Postgres`,
    'Let NTP set both: certificates and fixes are judged by the clock.',
  );
}
