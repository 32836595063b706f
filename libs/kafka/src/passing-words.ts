/**
 * Kafka's words (org.apache.kafka.common.protocol.Errors, as kafkajs has them) while groups move or a Kafka is new. What they are about is
 * tried again, and told in other words when that was of no use.
 */
export const passingWords: ReadonlySet<unknown> = new Set([
  "The coordinator is loading and hence can't process requests for this group",
  'The group coordinator is not available',
  'This is not the correct coordinator for this group',
  'The group is rebalancing, so a rejoin is needed',
]);

/** Whether it is these words that kafkajs gave up for, however often it has wrapped them. */
export function saysPassingWords(error: unknown): boolean {
  return error instanceof Error && (passingWords.has(error.message) || saysPassingWords(error.cause));
}
