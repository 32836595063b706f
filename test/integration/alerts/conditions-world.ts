import type { Alert } from '@milepost/contracts';
import { eventually, type TestApp, type TestScope } from '@milepost/test-support';
import { expect } from 'vitest';
import { type AlertsScope, alertsScope } from './alerts-scope.js';

export const SQUARE = {
  type: 'Polygon',
  coordinates: [
    [
      [7.0, 51.0],
      [7.02, 51.0],
      [7.02, 51.01],
      [7.0, 51.01],
      [7.0, 51.0],
    ],
  ],
};
export const inSquare = { latitude: 51.005, longitude: 7.01 };

export const volts = (value: number) => ({ signals: { 'Vehicle.LowVoltageBattery.CurrentVoltage': value } });

/** Of both kinds together, or of one, for all vehicles or for one. */
export interface StoredCounts {
  readonly locations?: number;
  readonly diagnostics?: number;
}

type AlertRow = Pick<Alert, 'type' | 'status' | 'severity'> & { key: string; details: Pick<Alert, 'condition'> };

const PATIENCE = { timeoutMs: 30_000, everyMs: 100 };

/** What vehicles report of themselves, between an ingest and an alerts process on topics and a database of their own. */
export class ConditionsWorld {
  private judgingApp: TestApp | undefined;
  private storingApp: TestApp | undefined;

  private constructor(
    readonly alerts: AlertsScope,
    private readonly judgingEnvironment: Record<string, string>,
  ) {}

  /** With nothing started. `judging`: what alerts is told of its own. */
  static async create(scope: TestScope, { partitions = 3, judging = {} }: { partitions?: number; judging?: Record<string, string> } = {}) {
    return new ConditionsWorld(await alertsScope(scope, { partitions }), judging);
  }

  async start(): Promise<void> {
    await Promise.all([this.startJudging(), this.startStoring()]);
  }

  async startJudging(): Promise<void> {
    this.judgingApp = await this.alerts.start(this.judgingEnvironment);
  }

  async startStoring(): Promise<void> {
    this.storingApp = await this.alerts.startIngest();
  }

  get judging(): TestApp {
    return started(this.judgingApp);
  }

  get storing(): TestApp {
    return started(this.storingApp);
  }

  /** Armed before whatever a test sends: what was recorded earlier crosses nothing. */
  async addGeofence(name: string, shape: object): Promise<void> {
    await this.alerts.rows(
      `insert into geofences (organisation_id, name, shape, alert_on, armed_at) select id, $1, $2, 'both', now() - interval '3 days' from organisations where name = 'default'`,
      [name, shape],
    );
  }

  /** Until ingest minds the geofences of so many organisations. */
  async untilFenced(organisations: number): Promise<void> {
    await eventually(async () => expect(await this.storing.metric('milepost_ingest_fenced_organisations')).toBe(organisations));
  }

  /** Until there are exactly so many items of a vehicle, or of all. */
  async untilStored(items: StoredCounts, vehicleId?: string): Promise<void> {
    await eventually(async () => {
      for (const [table, count] of Object.entries(items)) expect([table, await this.count(table, vehicleId)]).toEqual([table, count]);
    }, PATIENCE);
  }

  /** Until nothing that was stored waits to be judged. */
  async untilJudged(): Promise<void> {
    await eventually(async () => expect(await this.count('condition_facts')).toBe(0), PATIENCE);
  }

  /** In the order in which they were opened. */
  alertsOf(vehicleId: string): Promise<AlertRow[]> {
    return this.alerts.rows<AlertRow>(
      `select a.type, a.status, a.severity, a.key, a.details from alerts a join vehicles v on v.id = a.vehicle
        where v.vehicle_id = $1 order by a.opened_at, a.id`,
      [vehicleId],
    );
  }

  async untilAlerts(vehicleId: string, expected: object[]): Promise<void> {
    await eventually(async () => expect(await this.alertsOf(vehicleId)).toMatchObject(expected), PATIENCE);
  }

  async count(table: string, vehicleId?: string): Promise<number> {
    const [found] = await this.alerts.rows<{ count: number }>(
      `select count(*)::int as count from ${table} where $1::text is null or vehicle = (select id from vehicles where vehicle_id = $1)`,
      [vehicleId ?? null],
    );
    return found?.count ?? 0;
  }
}

function started(app: TestApp | undefined): TestApp {
  if (app === undefined) throw new Error('the process was not started');
  return app;
}
