import { type Lease, presenceTimes } from '@milepost/contracts';

/** A process that writes leases, as one partition sees it. */
export interface Writer {
  node: string;
  role: Lease['role'];
  epoch: number;
  counter: number;
  /** LogAppendTime of its newest lease. */
  leaseAtMs: number;
  /** Offset of its newest sign of life: that lease, or a connection of a later epoch whose first lease is still to come. */
  leaseOffset: number;
  /** Its newest counted leases, oldest first, at most `leasesUntilLost`. */
  beats: { atMs: number; offset: number }[];
  lost: boolean;
}

/** By role and node: an alerts process may share its host's name with a broker. */
export type Writers = Readonly<Record<string, Writer>>;

export interface LeaseRead {
  writers: Writers;
  /** Writers that this lease shows to be lost. */
  lost: Writer[];
  /** Contact with the older epochs of the writer, when this lease is the first that was read of its epoch: the newest lease of them. */
  renewed?: { leaseAtMs: number };
}

const { leasesUntilLost, countedLeaseGapMs, closedConnectionMs } = presenceTimes;

export const writerKey = ({ role, node }: Pick<Lease, 'role' | 'node'>) => `${role}/${node}`;

/** Reads one lease. A repeated or outdated one says nothing: undefined. */
export function readLease(writers: Writers, lease: Lease, atMs: number, offset: number): LeaseRead | undefined {
  const key = writerKey(lease);
  const before = writers[key];
  if (before && (lease.epoch < before.epoch || (lease.epoch === before.epoch && lease.counter <= before.counter))) return undefined;
  // A new partition leader's clock may stand behind the old one's.
  const leaseAtMs = Math.max(atMs, before?.leaseAtMs ?? 0);
  const writer: Writer = {
    node: lease.node,
    role: lease.role,
    epoch: lease.epoch,
    counter: lease.counter,
    leaseAtMs,
    leaseOffset: offset,
    beats: countBeat(before?.beats ?? [], leaseAtMs, offset),
    lost: false,
  };
  const lost = Object.entries(writers).filter(([other, held]) => other !== key && !held.lost && outlived(held, writer));
  const kept = Object.entries(writers).filter(([, held]) => !held.lost || leaseAtMs - held.leaseAtMs < closedConnectionMs);
  return {
    writers: {
      ...Object.fromEntries(kept),
      ...Object.fromEntries(lost.map(([other, held]) => [other, { ...held, lost: true }])),
      [key]: writer,
    },
    lost: lost.map(([, held]) => held),
    ...(lease.epoch !== before?.epoch && { renewed: { leaseAtMs: before?.leaseAtMs ?? 0 } }),
  };
}

/**
 * A node that announces a connection under an epoch of which no lease was read lives: behind a stall the first lease stands behind all announcements,
 * of which there may be more than one request to Kafka holds, and so it may when a node begins. To be lost, once more if it was, it must be outlived from here on.
 * Log time waits for the lease.
 */
export function readAnnouncement(
  writers: Writers,
  { node, epoch }: Pick<Writer, 'node' | 'epoch'>,
  { atMs, offset }: { atMs: number; offset: number },
): Writers {
  const key = writerKey({ role: 'broker', node });
  const writer = writers[key];
  if (writer === undefined) {
    // Behind a set-back of the log's clock in the time that the others' leases still have: the next lease takes all of them back.
    const leaseAtMs = Math.max(atMs, newestLeaseAtMs(writers) ?? atMs);
    return { ...writers, [key]: { node, role: 'broker', epoch, counter: 0, leaseAtMs, leaseOffset: offset, beats: [], lost: false } };
  }
  if (epoch <= writer.epoch) return writers;
  return { ...writers, [key]: { ...writer, leaseOffset: offset, lost: false } };
}

/** The oldest of the newest leases of all writers that are not lost. */
export function oldestLeaseAtMs(writers: Writers): number | undefined {
  const alive = Object.values(writers).filter(({ lost }) => !lost);
  return alive.length === 0 ? undefined : Math.min(...alive.map(({ leaseAtMs }) => leaseAtMs));
}

/** Of all writers, lost ones too. */
export function newestLeaseAtMs(writers: Writers): number | undefined {
  const times = Object.values(writers).map(({ leaseAtMs }) => leaseAtMs);
  return times.length === 0 ? undefined : Math.max(...times);
}

function countBeat(beats: Writer['beats'], atMs: number, offset: number): Writer['beats'] {
  const last = beats.at(-1);
  if (last !== undefined && atMs - last.atMs < countedLeaseGapMs) return beats;
  return [...beats, { atMs, offset }].slice(-leasesUntilLost);
}

/**
 * All counted leases of `other` stand behind the last one of `writer`, the first by as much as they do among themselves. So a writer
 * is lost 7.5 s after its last lease at the earliest, and not before 9.5 s when the other keeps its two seconds: by then a broker
 * knows that it is stale (8 s) and has taken a new epoch.
 */
function outlived(writer: Writer, other: Writer): boolean {
  const oldest = other.beats[0];
  if (oldest === undefined || other.beats.length < leasesUntilLost) return false;
  return oldest.offset > writer.leaseOffset && oldest.atMs - writer.leaseAtMs >= countedLeaseGapMs;
}
