import { describe, expect, it } from 'vitest';
import { alertmanagerBody, type PostableAlert } from './alertmanager-body.js';

const bodyOf = (alert: object): PostableAlert[] =>
  JSON.parse(
    alertmanagerBody(
      JSON.stringify({
        id: 'e',
        type: 'alert.opened',
        timestamp: '2026-11-26T12:00:00.000Z',
        data: { alert: { id: 'a', status: 'open', vehicleId: 'v', openedAt: '2026-11-26T11:00:00.000Z', ...alert } },
      }),
      'https://fleet.example',
    ),
  ) as PostableAlert[];
const labelsOf = (alert: object) => bodyOf(alert).map(({ labels }) => labels);

describe('conditions, as Alertmanager takes them', () => {
  it('two codes of a vehicle are two alerts, and so are two geofences', () => {
    const dtc = (code: string) => ({ type: 'dtc', severity: 'warning', condition: { code, recordedAt: '2026-11-26T10:00:00.000Z' } });
    expect(labelsOf(dtc('P0420'))).toEqual([
      { alertname: 'MilepostVehicleDtc', type: 'dtc', severity: 'warning', vehicle: 'v', code: 'P0420' },
    ]);
    expect(labelsOf(dtc('P0300'))).not.toEqual(labelsOf(dtc('P0420')));
    const fence = (geofenceId: string) => ({ type: 'geofence_exit', severity: 'warning', condition: { geofenceId, geofenceName: 'Yard' } });
    expect(labelsOf(fence('1'))).not.toEqual(labelsOf(fence('2')));
    expect(bodyOf(fence('1'))[0]?.annotations).toMatchObject({ geofence_name: 'Yard' });
  });

  it('a certificate whose severity rose ends what was fired under the lesser ones', () => {
    const [now, ...ended] = bodyOf({ type: 'certificate_expiring', severity: 'critical' });
    expect(now?.labels).toMatchObject({ severity: 'critical' });
    expect(Date.parse(now?.endsAt ?? '')).toBeGreaterThan(Date.parse('2026-12-01T00:00:00Z'));
    expect(ended.map(({ labels, endsAt }) => [labels.severity, endsAt])).toEqual([
      ['info', '2026-11-26T12:00:00.000Z'],
      ['warning', '2026-11-26T12:00:00.000Z'],
    ]);
    expect(bodyOf({ type: 'certificate_expiring', severity: 'info' })).toHaveLength(1);
    expect(bodyOf({ type: 'offline', severity: 'critical' })).toHaveLength(1);
  });
});
