import { useTestScope } from '@milepost/test-support';
import { expect, test } from 'vitest';
import { checkPostgres } from '../../../apps/cli/src/doctor/check-postgres.js';
import { Installation } from '../../../apps/cli/src/reaching/installation.js';

const scope = useTestScope();

test('the doctor tells a schema of this version from an earlier one, a later one and none', async () => {
  const { owner, ownerUrl } = await scope.database();
  const found = async () => {
    const findings = await checkPostgres(new Installation({ DATABASE_URL: ownerUrl }, '/nowhere'));
    return findings.find(({ subject }) => subject === 'Database schema');
  };
  expect(await found()).toMatchObject({ ok: true });

  await owner.query(`insert into milepost_migrations.applied (hash, created_at) values ('of tomorrow', 9e12)`);
  expect(await found()).toMatchObject({
    ok: false,
    detail: expect.stringContaining('later version'),
    mend: expect.not.stringContaining('migrate'),
  });

  await owner.query(
    'delete from milepost_migrations.applied where id in (select id from milepost_migrations.applied order by created_at desc limit 3)',
  );
  expect(await found()).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/earlier version: 2 of \d+ migrations are missing/),
    mend: expect.stringContaining('npx milepost migrate'),
  });

  await owner.query('drop schema milepost_migrations cascade');
  expect(await found()).toMatchObject({
    ok: false,
    detail: 'the database is empty',
    mend: expect.stringContaining('npx milepost migrate'),
  });
});
