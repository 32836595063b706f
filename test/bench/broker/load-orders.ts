/** What the bench asks of its load process; one order at a time, each with one answer. */
export interface LoadOrders {
  /** Connects as MQTT 3.1.1 clients, all but the first of them subscribed where a topic is given. */
  connect: { order: { port: number; clients: number; subscribe?: { topic: string; qos: 0 | 1 } }; answer: { seconds: number } };
  /** Each client keeps this many QoS 1 publishes in flight, written together in one TLS record, and writes the next ones when all are acknowledged. */
  publish: { order: { perRecord: number; seconds: number }; answer: { messages: number; seconds: number } };
  /** The first client publishes; the next message follows when every other client has its copy. */
  fanout: { order: { topic: string; qos: 0 | 1; seconds: number }; answer: { messages: number; seconds: number } };
  /** Full handshakes, or ones that resume the session of a connection made before; each connection is closed at once. */
  handshake: { order: { port: number; count: number; resumed: boolean }; answer: { resumed: number } };
  disconnect: { order: Record<string, never>; answer: Record<string, never> };
}

export type OrderName = keyof LoadOrders;
export type Order<N extends OrderName> = LoadOrders[N]['order'];
export type Answer<N extends OrderName> = LoadOrders[N]['answer'];
export type LoadReply = { ok: true; answer: unknown } | { ok: false; error: string };

export const payloadBytes = 198;
