import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { cut, mutate } from './mutate.js';
import { Random } from './random.js';
import { plainConnect, recordings } from './recordings.js';

export interface BrokerFindings {
  connections: number;
  bytes: number;
  /** Closed by the broker before the client went. */
  closedByBroker: number;
  /** Could not be opened. */
  refused: number;
  answeredBytes: number;
}

const CONCURRENT = 200;
/** Sources 127.0.0.1 to 127.0.0.32: a limit for each address is not what is looked for. */
const ADDRESSES = 32;
/** How long a client stays when it has sent everything: mostly hardly, at times until the broker has closed. */
const MAX_STAY_MS = 15;
const LONG_STAY_MS = 500;

/** Connections that send mutated streams, some after a valid CONNECT, and leave in every way there is. */
export class BrokerFuzz {
  readonly findings: BrokerFindings = { connections: 0, bytes: 0, closedByBroker: 0, refused: 0, answeredBytes: 0 };
  private readonly random: Random;
  private readonly recordings = recordings().filter(({ from }) => from === 'client');
  private readonly others = recordings().flatMap(({ packets }) => packets);

  constructor(
    private readonly port: number,
    seed: number,
  ) {
    this.random = new Random(seed);
  }

  /** Until `over` says so, or this many connections have been made. */
  async run(maxConnections: number, over: () => boolean): Promise<void> {
    const client = async (): Promise<void> => {
      while (this.findings.connections < maxConnections && !over()) {
        this.findings.connections++;
        await this.connection();
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT }, client));
  }

  private async connection(): Promise<void> {
    const { random, findings } = this;
    const chunks = this.chunks();
    const stayMs = random.oneIn(4) ? LONG_STAY_MS : random.below(MAX_STAY_MS);
    const farewell = random.below(3);
    const socket = connect({ host: '127.0.0.1', port: this.port, localAddress: `127.0.0.${1 + random.below(ADDRESSES)}` });
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    let leaving = false;
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      findings.answeredBytes += data.length;
    });
    socket.once('end', () => {
      if (!leaving) findings.closedByBroker++;
    });
    if (!(await opened(socket))) {
      findings.refused++;
      return;
    }
    socket.setNoDelay();
    for (const chunk of chunks) {
      socket.write(chunk);
      findings.bytes += chunk.length;
      // On its own, so that it arrives as it was cut.
      await setImmediate();
    }
    const timer = setTimeout(() => {
      leaving = true;
      if (farewell === 0) socket.end();
      else if (farewell === 1) socket.destroy();
      else socket.resetAndDestroy();
    }, stayMs);
    const giveUp = setTimeout(() => socket.destroy(), 1000);
    await closed;
    clearTimeout(timer);
    clearTimeout(giveUp);
  }

  private chunks(): Buffer[] {
    const { random } = this;
    const { version, packets } = random.pick(this.recordings);
    const greets = random.below(4) > 0;
    const greeting = plainConnect(version, `fuzz-${random.below(1000)}`);
    const rest = greets ? packets.slice(1) : packets;
    const stream = random.oneIn(50) ? Buffer.concat([...rest]) : mutate(rest, this.others, random);
    return cut(greets ? Buffer.concat([greeting, stream]) : stream, 4, random);
  }
}

function opened(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('close', () => resolve(false));
  });
}
