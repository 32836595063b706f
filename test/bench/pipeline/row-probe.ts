import { BenchVehicle, type VehicleCredentials } from './bench-vehicle.js';
import { type Percentiles, percentiles } from './load-protocol.js';
import { ObservingClient } from './observing-client.js';

export interface RowProbeOptions {
  mqttPort: number;
  caPem: string;
  credentials: VehicleCredentials;
  databaseUrl: string;
  /** Answers one row, `sequence`: the highest stored of vehicle $1 since $2. */
  newestSequence: string;
  /** On average; by chance half as much to one and a half times. */
  intervalMs: number;
}

export interface RowProbe {
  /** Latencies publish → row visible to another connection; how many probes were sent; and what Postgres spent on looking. */
  stop(): Promise<{ sent: number; latencyMs: Percentiles; lookingCpuSeconds: number }>;
}

export const newestLocation =
  'select max(l.sequence)::int as sequence from locations l join vehicles v on v.id = l.vehicle where v.vehicle_id = $1 and l.recorded_at >= $2';

/** One vehicle beside the load that publishes a fix now and then and looks in Postgres, again and again, when its row can be seen. */
export async function startRowProbe({
  mqttPort,
  caPem,
  credentials,
  databaseUrl,
  newestSequence,
  intervalMs,
}: RowProbeOptions): Promise<RowProbe> {
  const database = await ObservingClient.open(databaseUrl);
  const vehicle = await BenchVehicle.connect({ port: mqttPort, caPem, credentials, onAck: () => undefined, onLost: () => undefined });
  const latencies: number[] = [];
  let sent = 0;
  let stopped = false;

  const probing = (async () => {
    while (!stopped) {
      const sentAt = performance.now();
      const recordedAt = new Date();
      sent += 1;
      vehicle.publish(
        `fleet/${credentials.id}/location`,
        Buffer.from(JSON.stringify({ recordedAt: recordedAt.getTime(), latitude: 1, longitude: 1, sequence: sent })),
      );
      for (let seen = 0; seen < sent && performance.now() - sentAt < 30_000; ) {
        const { rows } = await database.query<{ sequence: number | null }>({
          name: 'probe',
          text: newestSequence,
          values: [credentials.id, recordedAt],
        });
        seen = rows[0]?.sequence ?? 0;
        if (seen < sent) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      latencies.push(performance.now() - sentAt);
      // Ingest fetches at a pace: at fixed intervals from a row that was seen, each would meet it at the same moment.
      await new Promise((resolve) => setTimeout(resolve, intervalMs * (0.5 + Math.random())));
    }
  })();
  // Told by stop(), if it gets that far.
  probing.catch(() => undefined);
  return {
    stop: async () => {
      stopped = true;
      await probing;
      await vehicle.close();
      const lookingCpuSeconds = database.cpuSeconds();
      await database.end();
      return { sent, latencyMs: percentiles(latencies), lookingCpuSeconds };
    },
  };
}
