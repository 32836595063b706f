import type { TestDatabase } from '@milepost/test-support';

/** From now on it is written down when a stored position goes back: what follows it would be taken in twice. */
export async function watchForRewinds(database: TestDatabase): Promise<{ seen(): Promise<unknown[]> }> {
  await database.owner.query(`
    create table rewinds as select topic, partition, next_offset as before, next_offset as after from kafka_offsets limit 0;
    create function note_rewind() returns trigger language plpgsql security definer as $$
      begin insert into rewinds values (old.topic, old.partition, old.next_offset, new.next_offset); return null; end $$;
    create trigger note_rewind after update on kafka_offsets
      for each row when (new.next_offset < old.next_offset) execute function note_rewind();
  `);
  return { seen: async () => (await database.owner.query('select * from rewinds')).rows };
}
