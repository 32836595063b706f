import { useTestScope } from '@milepost/test-support';
import { expect, it } from 'vitest';
import { alertsScope } from './alerts-scope.js';

const scope = useTestScope();

it('a database that refuses the positions stops alerts, which says how to mend it', async () => {
  const alerts = await alertsScope(scope, { partitions: 1 });
  await alerts.rows('revoke insert on kafka_offsets from milepost_alerts');
  await expect(alerts.start()).rejects.toThrow(/refused to read positions.*42501.*milepost migrate/s);
});

it('positions of another Kafka stop alerts, which says how to mend it', async () => {
  const alerts = await alertsScope(scope, { partitions: 1 });
  await alerts.rows(
    `insert into kafka_offsets (consumer, cluster_id, topic, partition, next_offset) values ('alerts', 'other-cluster', 'fleet.presence', 0, 5)`,
  );
  await expect(alerts.start()).rejects.toThrow(/other-cluster.*delete from kafka_offsets/);
});
