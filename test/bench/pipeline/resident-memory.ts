import type { ProcessUsage } from './process-usage.js';

const lookEveryMs = 10_000;
const bytesInMib = 1_048_576;

/** Resident memory of a process in MiB: when measuring began, after each quarter of the time, and at most. */
export interface ResidentMib {
  quarters: [begin: number, first: number, half: number, third: number, end: number];
  peak: number;
}

/** Looks every ten seconds at how much memory each process holds. */
export class ResidentMemory {
  private readonly looks: number[][] = [];
  private readonly timer: NodeJS.Timeout;

  /** @param usages of the processes, in an order of the caller's that never changes */
  constructor(private readonly usages: () => ProcessUsage[]) {
    this.look();
    this.timer = setInterval(() => this.look(), lookEveryMs).unref();
  }

  /** Looks once more and for the last time; one result a process. */
  stop(): ResidentMib[] {
    clearInterval(this.timer);
    this.look();
    const at = (share: number, process: number) => this.looks[Math.round(share * (this.looks.length - 1))]?.[process] ?? 0;
    return (this.looks[0] ?? []).map((begin, process) => ({
      quarters: [begin, at(0.25, process), at(0.5, process), at(0.75, process), at(1, process)],
      peak: Math.max(...this.looks.map((look) => look[process] ?? 0)),
    }));
  }

  private look(): void {
    this.looks.push(this.usages().map(({ residentBytes }) => residentBytes / bytesInMib));
  }
}
