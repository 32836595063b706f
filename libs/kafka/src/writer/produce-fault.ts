/** Why a produce request failed: because of a record in it, or because of anything else. */
export type ProduceFault =
  | { kind: 'record'; code: string; message: string }
  | { kind: 'passing'; code: string; message: string; error: unknown };

// Error codes of Kafka's protocol (org.apache.kafka.common.protocol.Errors) that stand for what is in a record.
// All others, also those that kafkajs calls not retriable (authorisation, unknown topic), are about the installation: mended there, and waited for.
// So is INVALID_TIMESTAMP: the times are of our clocks, and one that is more than an hour ahead of Kafka's is no fault of whoever sent a message.
const RECORD_FAULTS: ReadonlySet<string> = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'POLICY_VIOLATION',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
]);

export function produceFault(error: unknown): ProduceFault {
  const cause = rootCause(error);
  const message = cause instanceof Error ? cause.message : String(cause);
  const type = cause instanceof Error && 'type' in cause && typeof cause.type === 'string' ? cause.type : undefined;
  if (type !== undefined && RECORD_FAULTS.has(type)) return { kind: 'record', code: type.toLowerCase(), message };
  return { kind: 'passing', code: type?.toLowerCase() ?? (cause instanceof Error ? cause.name : 'unknown'), message, error };
}

/** kafkajs wraps what happened in "number of retries exceeded" and "non retriable". */
function rootCause(error: unknown): unknown {
  let cause = error;
  for (let depth = 0; depth < 5; depth += 1) {
    if (!(cause instanceof Error) || !(cause.cause instanceof Error)) return cause;
    cause = cause.cause;
  }
  return cause;
}
