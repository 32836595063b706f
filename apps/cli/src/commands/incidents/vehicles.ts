import type { IncidentMember } from '@milepost/contracts';
import { Command } from 'commander';
import { print, table } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

export const incidentsVehicles = (installation: Installation): Command =>
  new Command('vehicles')
    .description('list the vehicles that were lost together, with who is back, and whose alert is its own')
    .argument('<id>', 'the incident')
    .option('--away', 'only those that are not back')
    .option('--json', 'one JSON object a line')
    .action(async (id: string, { away, json }: { away?: true; json?: true }) => {
      const path = `/v1/incidents/${encodeURIComponent(id)}/vehicles`;
      const members = await installation.api().all<IncidentMember>(path, away ? { returned: 'false' } : {});
      if (json) for (const member of members) print(JSON.stringify(member));
      else print(table(['VEHICLE', 'JOINED', 'BACK', 'ALERT'], members.map(rowOf)));
    });

const rowOf = ({ vehicleId, joinedAt, returnedAt, alertId }: IncidentMember): string[] => [
  vehicleId,
  joinedAt,
  returnedAt ?? '',
  alertId ?? '',
];
