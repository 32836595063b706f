import { type Incident, type IncidentStatus, incidentStatuses } from '@milepost/contracts';
import { Command, Option } from 'commander';
import { backwards, limit } from '../../arguments/options.js';
import { print, table } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

interface Options {
  status?: IncidentStatus;
  since?: Date;
  limit: number;
  json?: true;
}

export const incidentsList = (installation: Installation): Command =>
  new Command('list')
    .description('list incidents, the newest first')
    .addOption(new Option('--status <status>', 'only these').choices(incidentStatuses))
    .option('--since <time>', 'only those opened since', backwards)
    .option('--limit <count>', 'at most so many, up to 1000', limit, 100)
    .option('--json', 'one JSON object a line')
    .action(async ({ status, since, limit: most, json }: Options) => {
      const query = new URLSearchParams({
        limit: String(most),
        ...(status && { status }),
        ...(since && { from: since.toISOString() }),
      });
      const { items } = await installation.api().call<{ items: Incident[] }>('GET', `/v1/incidents?${query}`);
      if (json) for (const incident of items) print(JSON.stringify(incident));
      else print(table(['ID', 'OPENED', 'CLOSED', 'OF', 'VEHICLES', 'BACK'], items.map(rowOf)));
    });

const rowOf = ({ id, openedAt, closedAt, node, vehicles, returned }: Incident): string[] => [
  id,
  openedAt,
  closedAt ?? '',
  node === undefined ? 'the organisation' : `node ${node}`,
  String(vehicles),
  String(returned),
];
