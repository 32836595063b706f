import { Decoder, encode, NO_PROPERTIES } from '@milepost/mqtt';
import type { LeanClient } from './lean-client.js';
import { type Answer, type Order, payloadBytes } from './load-orders.js';

const PAYLOAD = Buffer.alloc(payloadBytes, 0x20);
const PUBACK_BYTES = 4;
const STALL_MS = 10_000;

export async function publish(clients: readonly LeanClient[], { perRecord, seconds }: Order<'publish'>): Promise<Answer<'publish'>> {
  const run = new Run(seconds);
  await Promise.all(
    clients.map((client) => {
      const record = publishRecord(client.id, perRecord);
      let awaited = perRecord * PUBACK_BYTES;
      return new Promise<void>((resolve) => {
        client.onBytes = (chunk) => {
          awaited -= chunk.length;
          if (awaited > 0) return;
          run.messages += perRecord;
          awaited = perRecord * PUBACK_BYTES;
          if (run.over) resolve();
          else client.socket.write(record);
        };
        client.socket.write(record);
      });
    }),
  );
  return run.result();
}

export async function fanout(clients: readonly LeanClient[], { topic, qos, seconds }: Order<'fanout'>): Promise<Answer<'fanout'>> {
  const [publisher, ...subscribers] = clients;
  if (publisher === undefined) throw new Error('nobody is connected');
  const run = new Run(seconds);
  let awaited = 0;
  let watch: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve, reject) => {
    let packetId = 0;
    const next = () => {
      if (run.over) {
        resolve();
        return;
      }
      awaited = subscribers.length;
      packetId = (packetId % 65_535) + 1;
      publisher.socket.write(publishPacket(topic, qos, packetId));
    };
    watch = setInterval(() => {
      if (run.stalled()) reject(new Error(`${awaited} copies did not come`));
    }, STALL_MS);
    for (const subscriber of subscribers) {
      subscriber.onBytes = reader(subscriber, () => {
        run.messages += 1;
        awaited -= 1;
        if (awaited === 0) setImmediate(next);
      });
    }
    next();
  });
  clearInterval(watch);
  return run.result();
}

/** Acknowledges what wants it and counts what comes. */
function reader({ socket }: LeanClient, copied: () => void): (chunk: Buffer) => void {
  const decoder = new Decoder({ maxPacketBytes: 65_536, protocolVersion: 4 });
  return (chunk) => {
    decoder.push(chunk);
    for (let packet = decoder.next(); packet !== undefined; packet = decoder.next()) {
      if (packet.type !== 'publish') continue;
      if (packet.qos === 1) socket.write(Buffer.from([0x40, 2, packet.packetId >> 8, packet.packetId & 0xff]));
      copied();
    }
  };
}

/** QoS 1 publishes of one vehicle, as many as are to be in flight together. */
export function publishRecord(vehicleId: string, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, index) => publishPacket(topicOf(vehicleId), 1, index + 1)));
}

/** The same, where each says no more of its topic than the alias that `aliasPacket` set. */
export function aliasedRecord(count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, index) => withAlias('', 1, index + 1)));
}

/** A publish of QoS 0 that names the vehicle's topic and its alias. */
export function aliasPacket(vehicleId: string): Buffer {
  return withAlias(topicOf(vehicleId), 0, 0);
}

function topicOf(vehicleId: string): string {
  return `fleet/${vehicleId}/location`;
}

function withAlias(topic: string, qos: 0 | 1, packetId: number): Buffer {
  const properties = { topicAlias: 1 };
  return encode({ type: 'publish', topic, payload: PAYLOAD, qos, retain: false, dup: false, packetId, properties }, 5);
}

function publishPacket(topic: string, qos: 0 | 1, packetId: number): Buffer {
  return encode({ type: 'publish', topic, payload: PAYLOAD, qos, retain: false, dup: false, packetId, properties: NO_PROPERTIES }, 4);
}

/** A stretch of time, and what was counted in it. */
class Run {
  messages = 0;
  over = false;
  private seenMessages = -1;
  private readonly startedAt = performance.now();

  constructor(seconds: number) {
    setTimeout(() => {
      this.over = true;
    }, seconds * 1000);
  }

  /** Nothing was counted since the last look. */
  stalled(): boolean {
    const stalled = this.messages === this.seenMessages;
    this.seenMessages = this.messages;
    return stalled;
  }

  result(): { messages: number; seconds: number } {
    return { messages: this.messages, seconds: (performance.now() - this.startedAt) / 1000 };
  }
}
