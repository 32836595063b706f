import { type Alert, type AlertStatus, type AlertType, alertStatuses, alertTypes } from '@milepost/contracts';
import { Command, Option } from 'commander';
import { backwards, limit } from '../../arguments/options.js';
import { print, table } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

interface Options {
  status?: AlertStatus;
  type?: AlertType;
  vehicle?: string;
  since?: Date;
  limit: number;
  json?: true;
}

export const alertsList = (installation: Installation): Command =>
  new Command('list')
    .description('list alerts, the newest first')
    .addOption(new Option('--status <status>', 'only these').choices(alertStatuses))
    .addOption(new Option('--type <type>', 'only these').choices(alertTypes))
    .option('--vehicle <id>', 'only of this vehicle')
    .option('--since <time>', 'only those opened since', backwards)
    .option('--limit <count>', 'at most so many, up to 1000', limit, 100)
    .option('--json', 'one JSON object a line')
    .action(async ({ status, type, vehicle, since, limit: most, json }: Options) => {
      const filter = {
        ...(status && { status }),
        ...(type && { type }),
        ...(vehicle !== undefined && { vehicleId: vehicle }),
        ...(since && { from: since.toISOString() }),
      };
      const items = await installation.api().all<Alert>('/v1/alerts', filter, most);
      if (json) for (const alert of items) print(JSON.stringify(alert));
      else print(table(['ID', 'OPENED', 'TYPE', 'VEHICLE', 'STATUS', 'SEVERITY', 'CAUSE'], items.map(rowOf)));
    });

const rowOf = ({ id, openedAt, type, vehicleId, status, severity, cause }: Alert): string[] => [
  id,
  openedAt,
  type,
  vehicleId ?? '',
  status,
  severity,
  cause ?? '',
];
