import { topics } from '@milepost/contracts';
import { logRange } from '@milepost/kafka';
import { usageOfTree } from '../pipeline/process-usage.js';
import type { Backing } from './backing.js';
import { startIngestProcesses } from './ingest-processes.js';

const lookEveryMs = 200;
const drainTimeoutMs = 3_600_000;
/** Rates are those of the time in which every process works: the first records come while the group forms, the last ones from one process alone. */
const fromShare = 0.05;
const toShare = 0.9;

export interface Drain {
  /** Rows of the history a record; 1 unless messages are arrays. */
  rowsPerSecond: number;
  /** CPU µs a row by process, in the same time. */
  cpuMicroseconds: { name: string; perRow: number }[];
  /** Records of a transaction, on average. */
  recordsPerBatch: number;
  /** From the start of the processes until the last record was settled. */
  seconds: number;
  /** Resident MiB of all ingest processes at a tenth, at the half and at the end of the drain, and the most. */
  residentMib: { early: number; half: number; end: number; most: number };
  deadLetters: number;
}

interface Look {
  at: number;
  settled: number;
  cpuSeconds: number[];
  residentMib: number;
}

export interface DrainOptions {
  processes: number;
  rowsPerRecord: number;
  /** Where each process leaves its CPU profile. */
  profileFolder?: string;
}

/** Starts ingest on what lies in the log and measures until all of it is settled. */
export async function drain(backing: Backing, { processes, rowsPerRecord, profileFolder }: DrainOptions): Promise<Drain> {
  const wanted = await logEnd(backing);
  const startedWith = await settled(backing);
  const total = wanted - startedWith;
  const startedAt = performance.now();
  const ingest = await startIngestProcesses(processes, backing.environment, profileFolder);
  const over = new AbortController();
  try {
    const measured = [...ingest.all.map(({ pid }, index) => ({ name: `ingest ${index + 1}`, pid })), ...backing.processes];
    const look = async (): Promise<Look> => {
      const usages = measured.map(({ pid }) => usageOfTree(pid));
      return {
        at: performance.now(),
        settled: (await settled(backing)) - startedWith,
        cpuSeconds: usages.map(({ cpuSeconds }) => cpuSeconds),
        residentMib: usages.slice(0, ingest.all.length).reduce((sum, { residentBytes }) => sum + residentBytes / 1_048_576, 0),
      };
    };
    // From the start on: a short drain may be over before every process is ready.
    const looks = [await look()];
    const looking = async () => {
      for (let latest = looks[0]; (latest?.settled ?? 0) < total && !over.signal.aborted; looks.push(latest)) {
        if (performance.now() - startedAt > drainTimeoutMs)
          throw new Error(`${latest?.settled} of ${total} records were settled in an hour`);
        await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
        latest = await look();
      }
    };
    await Promise.all([ingest.untilReady(), looking()]);
    const seconds = (performance.now() - startedAt) / 1_000;
    const sums = async (name: string) => (await Promise.all(ingest.all.map((one) => one.metric(name)))).reduce((a, b) => a + b, 0);
    const batches = await sums('milepost_ingest_batch_seconds_count');
    const records = await sums('milepost_ingest_records_total');
    const deadLetters = await sums('milepost_ingest_dead_letters_total');
    return { ...rates(looks, total, rowsPerRecord, measured), recordsPerBatch: records / Math.max(batches, 1), seconds, deadLetters };
  } finally {
    over.abort();
    await ingest.stop();
  }
}

function rates(looks: readonly Look[], total: number, rowsPerRecord: number, measured: readonly { name: string }[]) {
  const at = (share: number): Look => {
    const found = looks.find((look) => look.settled >= total * share) ?? looks.at(-1);
    if (found === undefined) throw new TypeError('There is at least one look');
    return found;
  };
  // So short a drain that one look saw all of it is measured from the start on.
  const first = looks[0] !== undefined && at(fromShare).settled >= total ? looks[0] : at(fromShare);
  const last = at(toShare).at > first.at ? at(toShare) : at(1);
  const rows = (last.settled - first.settled) * rowsPerRecord;
  return {
    rowsPerSecond: rows / ((last.at - first.at) / 1_000),
    cpuMicroseconds: measured.map(({ name }, index) => ({
      name,
      perRow: (((last.cpuSeconds[index] ?? 0) - (first.cpuSeconds[index] ?? 0)) / rows) * 1e6,
    })),
    residentMib: {
      early: at(0.1).residentMib,
      half: at(0.5).residentMib,
      end: at(1).residentMib,
      most: Math.max(...looks.map(({ residentMib }) => residentMib)),
    },
  };
}

async function logEnd({ kafka }: Backing): Promise<number> {
  let end = 0n;
  for (const range of (await logRange(kafka, topics.location)).values()) end += range.end;
  return Number(end);
}

/** Sum of the positions: records that are stored, or dead letters. */
async function settled({ owner }: Backing): Promise<number> {
  const { rows } = await owner.query<{ settled: string | null }>(
    `select sum(next_offset) as settled from kafka_offsets where consumer = 'ingest' and topic = $1`,
    [topics.location],
  );
  return Number(rows[0]?.settled ?? 0);
}
