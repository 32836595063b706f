/** What came of sending a delivery once. */
export type AttemptResult =
  | { kind: 'answered'; statusCode: number; latencyMs: number; responseBody: string; retryAfter?: string; location?: string }
  | { kind: 'unanswered'; error: string; latencyMs: number }
  /** We stopped it ourselves, on the way down: it counts as not tried, and another process repeats it. */
  | { kind: 'abandoned' };
