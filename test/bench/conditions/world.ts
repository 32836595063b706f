import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Alert, Geofence } from '@milepost/contracts';
import { type Authority, issueCertificate, openAuthority } from '@milepost/pki';
import type { VehicleCredentials } from '../pipeline/bench-vehicle.js';
import type { StackUnderTest } from '../pipeline/stack-under-test.js';
import { ReportingVehicle } from './reporting-vehicle.js';

/** Between two looks at the API; the key may send 100 requests a second. */
const lookEveryMs = 15;
const patienceMs = 30_000;

export type NewGeofence = Pick<Geofence, 'name' | 'shape' | 'alertOn'>;

/** The public doors of a stack: vehicles over mutual TLS, and the API. */
export class World {
  private constructor(
    private readonly stack: StackUnderTest,
    private readonly authority: Authority,
    private readonly caPem: string,
  ) {}

  static async open(stack: StackUnderTest): Promise<World> {
    return new World(stack, await openAuthority(stack.pkiFolder), readFileSync(stack.file.caFile, 'utf8'));
  }

  async identity(id: string, notAfter?: Date): Promise<VehicleCredentials> {
    const { certificatePem, privateKeyPem } = await issueCertificate(this.authority, { vehicleId: id, ...(notAfter && { notAfter }) });
    return { id, certificatePem, privateKeyPem };
  }

  /** Resolves after CONNACK. @throws when it is refused. */
  connect(credentials: VehicleCredentials): Promise<ReportingVehicle> {
    return ReportingVehicle.connect({ port: Number(new URL(this.stack.file.mqttUrl).port), caPem: this.caPem, credentials });
  }

  async addGeofence(geofence: NewGeofence): Promise<void> {
    await this.#fetch('/v1/geofences', {
      method: 'POST',
      body: JSON.stringify(geofence),
      headers: { 'content-type': 'application/json' },
    });
  }

  /**
   * Until the API shows an alert of the vehicle that is open and such a one. @returns when it was shown, by `Date.now()`.
   * @throws after half a minute
   */
  async untilShown(vehicleId: string, expected: Partial<Pick<Alert, 'type' | 'severity'>>): Promise<number> {
    const wanted = Object.entries({ status: 'open', ...expected });
    for (const givenUpAt = Date.now() + patienceMs; Date.now() < givenUpAt; await delay(lookEveryMs)) {
      const response = await this.#fetch(`/v1/alerts?vehicleId=${vehicleId}`);
      const shownAtMs = Date.now();
      const { items } = (await response.json()) as { items: Alert[] };
      if (items.some((alert) => wanted.every(([name, value]) => alert[name as keyof Alert] === value))) return shownAtMs;
    }
    throw new Error(`${vehicleId} had no alert like ${JSON.stringify(expected)} within ${patienceMs} ms`);
  }

  async #fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${this.stack.file.apiKey}`, ...init.headers };
    const response = await fetch(this.stack.file.apiUrl + path, { ...init, headers });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response;
  }
}
