import { randomUUID } from 'node:crypto';

/**
 * A Kafka cluster id: a UUID (version 4) as 22 base64url characters. Its first character is never '-', which Kafka's own storage tool
 * would take for an option (as Kafka's Uuid.randomUuid() avoids it).
 */
export function newClusterId(uuid: () => string = randomUUID): string {
  for (;;) {
    const id = Buffer.from(uuid().replaceAll('-', ''), 'hex').toString('base64url');
    if (!id.startsWith('-')) return id;
  }
}
