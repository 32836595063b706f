import type { KeptProperties } from '@milepost/contracts';
import type { OutboundMessage, PublishProperties } from '@milepost/mqtt';

/** Properties of a message as its record keeps them: without what belongs to one connection or one subscription. */
export function keptProperties(properties: PublishProperties): KeptProperties {
  const { payloadFormatIndicator, contentType, responseTopic, correlationData, userProperties } = properties;
  return {
    ...(payloadFormatIndicator !== undefined && { payloadFormatIndicator }),
    ...(contentType !== undefined && { contentType }),
    ...(responseTopic !== undefined && { responseTopic }),
    ...(correlationData !== undefined && { correlationData: correlationData.toString('base64') }),
    ...(userProperties !== undefined && { userProperties: userProperties.map(([name, value]): [string, string] => [name, value]) }),
  };
}

export function propertiesOf({ correlationData, ...others }: KeptProperties): OutboundMessage['properties'] {
  return { ...others, ...(correlationData !== undefined && { correlationData: Buffer.from(correlationData, 'base64') }) };
}

/** Times of records are the wall clock's; what waits in a process goes by a monotonic clock, which nobody sets. */
export function toWallClock(monotonicMs: number): string {
  return new Date(Date.now() + monotonicMs - performance.now()).toISOString();
}

export function toMonotonic(instant: string): number {
  return Date.parse(instant) - Date.now() + performance.now();
}
