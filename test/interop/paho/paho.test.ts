import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fix } from '@milepost/contracts';
import { eventually, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';
import { startPipeline } from '../../e2e/support/pipeline.js';
import { type Door, type DoorName, doorNames, installedDoors, openDoors } from '../../integration/black-box/doors.js';
import { behaves, installPaho } from './paho.js';

const scope = useTestScope();
let python: string;
let doors: Record<DoorName, Door>;

beforeAll(async () => {
  python = installPaho();
  doors = await openDoors(scope);
});

describe.each(doorNames)("Eclipse's paho, over %s,", (name) => {
  describe.each([4, 5] as const)('at level %d', (version) => {
    test.each([
      ['is delivered with each QoS, published and subscribed', 'every_quality_of_service'],
      ['is handed what was retained, until it is cleared', 'retained'],
      ['finds its session, and what waited for it', 'session'],
      ['has its will published when it breaks off alone', 'will'],
      ['keeps the order of what is in flight', 'many_in_flight'],
    ] as const)('%s', (_title, behaviour) => behaves(python, behaviour, doors[name], version));
  });

  test.each([
    ['is handed every property as it was sent', 'properties'],
    ['shares a subscription', 'shared'],
  ] as const)('%s', (_title, behaviour) => behaves(python, behaviour, doors[name], 5));
});

describe.each(installedDoors)("Eclipse's paho, over %s with the ACL file,", (transport) => {
  test.each([4, 5] as const)('is refused at level %d what is not granted', (version) =>
    behaves(python, 'refused', doors[`${transport} of a broker with Kafka`], version),
  );
});

test.each([4, 5] as const)("Eclipse's paho as a vehicle at level %d: every position is stored", async (version) => {
  const pipeline = await startPipeline(scope, { apps: ['broker', 'ingest', 'api'] });
  const clientId = `paho-${version}`;
  const { certificatePem, privateKeyPem } = await pipeline.pki.issue(clientId);
  const [certificate, key] = [join(pipeline.pki.dir, 'paho.crt'), join(pipeline.pki.dir, 'paho.key')];
  await Promise.all([writeFile(certificate, certificatePem), writeFile(key, privateKeyPem, { mode: 0o600 })]);
  await behaves(
    python,
    'position',
    { transport: 'tls', port: pipeline.mqttPort, caFile: pipeline.pki.authority.files.certificate, clientId, certificate, key },
    version,
  );
  await eventually(async () => {
    const fixes = await pipeline.api.all<Fix>(`/v1/vehicles/${clientId}/locations`);
    expect(fixes.map(({ sequence }) => sequence).sort()).toEqual([0, 1, 2]);
  });
});
