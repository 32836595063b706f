import type { Fate, Item, Kind } from './message.js';

/** A line of the journal. Fields are separated by a space; the first tells what it is. Times are ms since 1970. */
export type JournalRecord =
  /** A vehicle, and its number in the lines that follow. */
  | { kind: 'vehicle'; vehicle: number; vehicleId: string }
  /** It will be sent. */
  | { kind: 'sent'; vehicle: number; topic: Kind; item: Item }
  /** Items of one message, from this sequence number on. */
  | { kind: 'acknowledged'; vehicle: number; sequence: number; count: number; at: number }
  /** CONNACK came. */
  | { kind: 'up'; vehicle: number; at: number }
  /** The connection ended; when the broker was last heard on it. */
  | { kind: 'down'; vehicle: number; at: number; heardAt: number }
  /** It left by itself, in order: that is no outage. */
  | { kind: 'left'; vehicle: number; at: number }
  /** Taken away on purpose, with nothing else going on; and brought back. */
  | { kind: 'taken'; vehicle: number; at: number }
  | { kind: 'returned'; vehicle: number; at: number }
  /** A message that must become a dead letter with this fault, known by the hash of its payload; and that it was acknowledged. */
  | { kind: 'poison'; vehicle: number; hash: string; fault: string }
  | { kind: 'poison-acknowledged'; vehicle: number; hash: string; at: number }
  /** The ledger, or the network before it, stood still: what is noted in this time, or just behind it, may have happened since it began. */
  | { kind: 'stalled'; from: number; to: number };

const FATES: Record<Fate, string> = { fix: 'f', suspect: 's', blind: 'b', report: 'r', letter: 'l' };
const fateOf = new Map(Object.entries(FATES).map(([fate, letter]) => [letter, fate as Fate]));

export function lineOf(record: JournalRecord): string {
  switch (record.kind) {
    case 'vehicle':
      return `V ${record.vehicle} ${record.vehicleId}`;
    case 'sent': {
      const { sequence, fate, recordedAt, latitude, longitude } = record.item;
      return `S ${record.vehicle} ${record.topic === 'location' ? 'L' : 'D'} ${sequence} ${FATES[fate]} ${recordedAt} ${latitude} ${longitude}`;
    }
    case 'acknowledged':
      return `A ${record.vehicle} ${record.sequence} ${record.count} ${record.at}`;
    case 'up':
      return `U ${record.vehicle} ${record.at}`;
    case 'down':
      return `D ${record.vehicle} ${record.at} ${record.heardAt}`;
    case 'left':
      return `G ${record.vehicle} ${record.at}`;
    case 'taken':
      return `T ${record.vehicle} ${record.at}`;
    case 'returned':
      return `B ${record.vehicle} ${record.at}`;
    case 'poison':
      return `P ${record.vehicle} ${record.hash} ${record.fault}`;
    case 'poison-acknowledged':
      return `Q ${record.vehicle} ${record.hash} ${record.at}`;
    case 'stalled':
      return `H ${record.from} ${record.to}`;
  }
}

/** @throws Error when the line is not one of ours: a journal that cannot be read proves nothing. */
export function recordOf(line: string): JournalRecord {
  const [letter, first, ...rest] = line.split(' ');
  const vehicle = Number(first);
  const number = (index: number) => Number(rest[index]);
  const word = (index: number) => rest[index] ?? '';
  switch (letter) {
    case 'V':
      return { kind: 'vehicle', vehicle, vehicleId: word(0) };
    case 'S': {
      const fate = fateOf.get(word(2));
      if (fate === undefined) break;
      const item = { sequence: number(1), fate, recordedAt: number(3), latitude: number(4), longitude: number(5) };
      return { kind: 'sent', vehicle, topic: word(0) === 'L' ? 'location' : 'diagnostics', item };
    }
    case 'A':
      return { kind: 'acknowledged', vehicle, sequence: number(0), count: number(1), at: number(2) };
    case 'U':
      return { kind: 'up', vehicle, at: number(0) };
    case 'D':
      return { kind: 'down', vehicle, at: number(0), heardAt: number(1) };
    case 'G':
      return { kind: 'left', vehicle, at: number(0) };
    case 'T':
      return { kind: 'taken', vehicle, at: number(0) };
    case 'B':
      return { kind: 'returned', vehicle, at: number(0) };
    case 'P':
      return { kind: 'poison', vehicle, hash: word(0), fault: word(1) };
    case 'Q':
      return { kind: 'poison-acknowledged', vehicle, hash: word(0), at: number(1) };
    case 'H':
      return { kind: 'stalled', from: Number(first), to: number(0) };
  }
  throw new Error(`The journal has a line that the ledger does not write: ${line.slice(0, 200)}`);
}
