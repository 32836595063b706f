import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { plainConnect } from './recordings.js';
import { LOOK_MS, StallWatch } from './stall-watch.js';

const PINGREQ = Buffer.of(0xc0, 0x00);
const PAUSE_MS = 20;
const CONNACK_TYPE = 0x20;
const CONNACK_MS = 10_000;

/** A well-behaved client that pings all the time: whoever serves it is neither dead nor stuck. */
export class ControlClient {
  answers = 0;
  /** What went wrong, once. */
  failure: string | undefined;
  private closing = false;
  private looks = 0;
  private readonly watch: StallWatch;

  private constructor(private readonly socket: Socket) {
    this.watch = new StallWatch(
      // It has been let in: whoever has not answered the first ping by now is stuck as well.
      () => 1 + this.answers,
      // Looks, not time: what holds up this process holds them up too.
      () => ++this.looks * LOOK_MS,
      () => this.fail('no PINGRESP for a second'),
    );
    socket.on('data', () => this.answered());
    socket.on('error', (error) => this.fail(error.message));
    socket.on('close', () => {
      if (!this.closing) this.fail('the connection of the well-behaved client was closed');
      this.watch.stop();
    });
    socket.write(PINGREQ);
  }

  static async connect(port: number): Promise<ControlClient> {
    const socket = connect({ host: '127.0.0.1', port });
    await once(socket, 'connect');
    socket.write(plainConnect(5, 'fuzz-control'));
    socket.setTimeout(CONNACK_MS, () => socket.destroy(new Error(`the broker did not answer CONNECT within ${CONNACK_MS} ms`)));
    const connack = await new Promise<Buffer>((resolve, reject) => {
      socket.once('data', resolve);
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('the broker closed the connection')));
    });
    socket.setTimeout(0);
    if (connack[0] !== CONNACK_TYPE || connack[3] !== 0) throw new Error(`the broker refused: ${connack.toString('hex')}`);
    return new ControlClient(socket);
  }

  close(): void {
    this.closing = true;
    this.watch.stop();
    this.socket.destroy();
  }

  private answered(): void {
    this.answers++;
    setTimeout(() => this.socket.writable && this.socket.write(PINGREQ), PAUSE_MS);
  }

  private fail(what: string): void {
    this.failure ??= what;
  }
}
