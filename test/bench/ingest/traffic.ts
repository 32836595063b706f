import { recordHeaders, topics } from '@milepost/contracts';
import { type LogWriter, partitionOf } from '@milepost/kafka';

export const vehicles = 2_000;
export const organisation = 'default';
const appendsAtOnce = 20_000;

/** One message: who sends it, and the fixes in it. */
export interface Message {
  vehicle: string;
  fixes: readonly object[];
  /** When the broker got it; now unless given. */
  receivedAtMs?: number;
}

/** Row `index` of a run as a vehicle would send it, about 200 bytes. The same index and time give the same bytes: a repeat. */
export function fix(index: number, recordedAt: number): object {
  return {
    recordedAt,
    latitude: 48 + (index % 99_991) / 100_000,
    longitude: 9 + (index % 89_989) / 100_000,
    speedKph: (index % 1_300) / 10,
    headingDeg: index % 360,
    altitudeM: 200 + (index % 4_000) / 10,
    odometerKm: 120_000 + (index % 700_000) / 10,
    fuelLevelPct: (index % 1_000) / 10,
    satellites: 5 + (index % 12),
    ignition: true,
    sequence: index,
  };
}

/** Before what is followed at the log's end while a backlog is read: else a short run would read nearly all of its records twice. */
const receivedBeforeMs = 600_000;

/** The records of a fleet that reports each second, from `since` on. */
export function* usualTraffic(count: number, since: number): Generator<Message> {
  for (let index = 0; index < count; index += 1) {
    yield {
      vehicle: `bench-${index % vehicles}`,
      fixes: [fix(index, since + Math.floor(index / vehicles) * 1_000)],
      receivedAtMs: Date.now() - receivedBeforeMs,
    };
  }
}

/** Writes messages as the broker does; resolves when Kafka has them all. @throws when Kafka refuses one. */
export async function send(writer: LogWriter, messages: Iterable<Message>, partitions: number): Promise<void> {
  let pending: Promise<void>[] = [];
  for (const message of messages) {
    pending.push(append(writer, message, partitions));
    if (pending.length < appendsAtOnce) continue;
    await Promise.all(pending);
    pending = [];
  }
  await Promise.all(pending);
}

async function append(writer: LogWriter, { vehicle, fixes, receivedAtMs = Date.now() }: Message, partitions: number): Promise<void> {
  const outcome = await writer.append({
    topic: topics.location,
    key: vehicle,
    partition: partitionOf(vehicle, partitions),
    value: Buffer.from(JSON.stringify(fixes.length === 1 ? fixes[0] : fixes)),
    headers: { [recordHeaders.organisation]: organisation },
    timestampMs: receivedAtMs,
  });
  if (outcome.kind !== 'stored') throw new Error(`Kafka did not take a record: ${outcome.code} ${outcome.message}`);
}
