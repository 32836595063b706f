import type { StatusReport } from '@milepost/contracts';
import { instantText, present } from '../shared/present.js';

/** As sql/api/status-reports.sql answers. */
export interface StatusReportRow {
  receivedAt: Date;
  sourceOffset: string;
  status: string;
  reason: string | null;
}

export function statusReportOf({ status, reason, receivedAt }: StatusReportRow, vehicleId: string): StatusReport {
  return present({ vehicleId, status, reason, receivedAt: instantText(receivedAt) });
}
