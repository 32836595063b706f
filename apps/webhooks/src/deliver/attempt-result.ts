/** What came of sending a delivery once. */
export type AttemptResult =
  | { kind: 'answered'; statusCode: number; latencyMs: number; responseBody: string; retryAfter?: string; location?: string }
  | { kind: 'unanswered'; error: string; latencyMs: number }
  /** It was not sent: what it says of this moment is over. */
  | { kind: 'outdated'; error: string; latencyMs: 0 }
  /** We stopped it ourselves, on the way down: it counts as not tried, and another process repeats it. */
  | { kind: 'abandoned' };
