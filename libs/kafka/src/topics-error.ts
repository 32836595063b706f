/** Why the topics cannot be used as they are, all reasons at once. */
export class TopicsError extends Error {
  readonly code = 'kafka_topics_unfit';
  constructor(readonly problems: readonly string[]) {
    super(`Kafka's topics cannot be used as they are:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'TopicsError';
  }
}
