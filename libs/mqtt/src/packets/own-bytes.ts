import type { PublishProperties } from './properties.js';

interface Message {
  readonly payload: Buffer;
  readonly properties: PublishProperties;
}

/**
 * The message without the read that it came in: payload and correlation data are views on that, and one of ten bytes that waits for days
 * would keep tens of kilobytes with it, which no limit counts.
 */
export function withOwnBytes<M extends Message>(message: M): M {
  const { payload, properties } = message;
  const { correlationData } = properties;
  const own = { payload: ownBytes(payload), correlationData: correlationData && ownBytes(correlationData) };
  if (own.payload === payload && own.correlationData === correlationData) return message;
  const ownProperties = own.correlationData === undefined ? properties : { ...properties, correlationData: own.correlationData };
  return { ...message, payload: own.payload, properties: ownProperties };
}

const NOTHING = Buffer.alloc(0);

/** The same bytes in memory that holds little else. */
export function ownBytes(view: Buffer): Buffer {
  if (view.buffer.byteLength <= 2 * view.length) return view;
  // No bytes of a read keep it as well as many do.
  if (view.length === 0) return NOTHING;
  const own = Buffer.allocUnsafeSlow(view.length);
  view.copy(own);
  return own;
}
