import type { Backing } from './backing.js';
import { type Drain, drain } from './drain.js';
import type { IngestBenchOptions } from './options.js';
import { fix, type Message, send, usualTraffic, vehicles } from './traffic.js';

const secondMs = 1_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const fixesPerMessage = 1_000;

export interface Scenario {
  name: string;
  drain: Drain;
  note?: string;
}

export interface ScenarioOptions extends IngestBenchOptions {
  /** Of the usual path's first row. */
  since: number;
  say(line: string): void;
}

interface Path {
  name: string;
  rowsPerRecord?: number;
  messages(): Iterable<Message>;
}

/** Paths other than the usual one, each with ingest started anew on what lies in the log. */
export async function runScenarios(backing: Backing, options: ScenarioOptions): Promise<Scenario[]> {
  if (options.scenarioRecords === 0) return [];
  const scenarios: Scenario[] = [];
  for (const { name, messages, rowsPerRecord = 1 } of paths(options)) {
    options.say(name);
    await send(backing.writer, messages(), options.partitions);
    const measured = await drain(backing, { processes: options.processes, rowsPerRecord });
    if (measured.deadLetters > 0) throw new Error(`${name}: ${measured.deadLetters} records became dead letters`);
    scenarios.push({ name, drain: measured });
  }
  return scenarios;
}

function paths({ scenarioRecords: rows, since, records }: ScenarioOptions): Path[] {
  const messages = Math.ceil(rows / fixesPerMessage);
  return [
    { name: 'as usual, again', messages: () => usualTraffic(rows, since + Math.ceil(records / vehicles) * secondMs) },
    { name: 'repeats only', messages: () => usualTraffic(rows, since) },
    { name: 'late, the newest first', messages: () => lateTraffic(rows, since - 10 * secondMs) },
    { name: 'of the last 30 days, mixed', messages: () => oldTraffic(rows, since) },
    { name: 'one vehicle, 1,000 fixes a message', rowsPerRecord: fixesPerMessage, messages: () => bufferedTraffic(messages, since) },
  ];
}

/** Older than what is stored, and each vehicle's newest fix comes first. */
function* lateTraffic(count: number, before: number): Generator<Message> {
  for (let index = 0; index < count; index += 1) {
    yield { vehicle: `bench-${index % vehicles}`, fixes: [fix(index, before - Math.floor(index / vehicles) * secondMs)] };
  }
}

/** Each record on another day than the one before it, 500 ms beside everything else. */
function* oldTraffic(count: number, since: number): Generator<Message> {
  for (let index = 0; index < count; index += 1) {
    const recordedAt = since - (1 + (index % 30)) * dayMs + Math.floor(index / vehicles) * secondMs + 500;
    yield { vehicle: `bench-${index % vehicles}`, fixes: [fix(index, recordedAt)] };
  }
}

/** A vehicle that was out of reach and sends what it kept. */
function* bufferedTraffic(messages: number, since: number): Generator<Message> {
  for (let message = 0; message < messages; message += 1) {
    const from = message * fixesPerMessage;
    yield {
      vehicle: 'bench-buffered',
      fixes: Array.from({ length: fixesPerMessage }, (_, index) => fix(from + index, since - dayMs + (from + index) * 200)),
    };
  }
}
