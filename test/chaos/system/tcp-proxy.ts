import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** What happens to the bytes of a connection. */
export type Weather =
  | { kind: 'fair' }
  /** Each chunk, in both directions, arrives later by so much. */
  | { kind: 'slow'; delayMs: number };

interface Link {
  vehicle: Socket;
  broker: Socket;
  /** Cuts the connection in the last packet of the next chunk towards the broker. */
  cutInMidPacket: boolean;
  /** What the vehicle sends is swallowed; what the broker sends still arrives. */
  isHalfClosed: boolean;
}

/** Between vehicles and broker, so that networks can be bad. TCP only: TLS goes through it unseen. */
export class TcpProxy {
  weather: Weather = { kind: 'fair' };
  readonly #links = new Set<Link>();
  readonly #target: number;
  readonly #server: Server;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (vehicle) => this.#link(vehicle));
  }

  static async listen(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen({ port: 0, host: '127.0.0.1', backlog: 1_024 }, resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Of all connections, those for which `chosen` says so end at once, without a word. */
  cut(chosen: () => boolean): number {
    return this.#each(chosen, (link) => destroy(link));
  }

  /** The last packet of the next chunk arrives without its end, then the connection is gone. */
  cutInMidPacket(chosen: () => boolean): number {
    return this.#each(chosen, (link) => {
      link.cutInMidPacket = true;
    });
  }

  /** The broker is told that the vehicle will send nothing more; the vehicle is told nothing. */
  halfClose(chosen: () => boolean): number {
    return this.#each(chosen, (link) => {
      link.isHalfClosed = true;
      link.broker.end();
    });
  }

  close(): void {
    for (const link of this.#links) destroy(link);
    this.#server.close();
  }

  #each(chosen: () => boolean, act: (link: Link) => void): number {
    const links = [...this.#links].filter(chosen);
    for (const link of links) act(link);
    return links.length;
  }

  #link(vehicle: Socket): void {
    const broker = connect({ port: this.#target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const link: Link = { vehicle, broker, cutInMidPacket: false, isHalfClosed: false };
    this.#links.add(link);
    const over = () => {
      destroy(link);
      this.#links.delete(link);
    };
    for (const socket of [vehicle, broker]) socket.on('error', over).on('close', over);
    this.#carry(link, vehicle, broker);
    this.#carry(link, broker, vehicle);
  }

  #carry(link: Link, from: Socket, to: Socket): void {
    const isUpwards = from === link.vehicle;
    // Chunks overtake none, though the weather changes: what has no delay waits for what has, and one timer lets them through in their order.
    const waiting: { dueAt: number; act(): void }[] = [];
    const letThrough = () => {
      for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
        const inMs = first.dueAt - performance.now();
        if (inMs > 0) return void setTimeout(letThrough, Math.ceil(inMs));
        waiting.shift();
        first.act();
      }
    };
    const later = (act: () => void) => {
      const delayMs = this.weather.kind === 'slow' ? this.weather.delayMs : 0;
      if (delayMs === 0 && waiting.length === 0) return act();
      waiting.push({ dueAt: performance.now() + delayMs, act });
      if (waiting.length === 1) setTimeout(letThrough, delayMs);
    };
    from.on('data', (chunk: Buffer) => {
      if (isUpwards && link.isHalfClosed) return;
      if (isUpwards && link.cutInMidPacket) {
        link.isHalfClosed = true;
        later(() => to.write(withoutItsEnd(chunk), () => destroy(link)));
        return;
      }
      later(() => {
        if (to.writable && !to.write(chunk)) {
          from.pause();
          to.once('drain', () => from.resume());
        }
      });
    });
    from.on('end', () => later(() => to.end()));
  }
}

/** Less than any TLS record has: of several that come together half may end just between two. */
const CUT_OFF_BYTES = 10;

function withoutItsEnd(chunk: Buffer): Buffer {
  return chunk.subarray(0, Math.max(1, chunk.length - CUT_OFF_BYTES));
}

function destroy({ vehicle, broker }: Link): void {
  vehicle.destroy();
  broker.destroy();
}
