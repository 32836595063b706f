/** What the doctor found about one thing; what is wrong comes with how to mend it. */
export type Finding = { ok: true; subject: string; detail: string } | { ok: false; subject: string; detail: string; mend: string };

export const fine = (subject: string, detail: string): Finding => ({ ok: true, subject, detail });
export const wrong = (subject: string, detail: string, mend: string): Finding => ({ ok: false, subject, detail, mend });

/** `ok    Kafka: …`, or `fail  Kafka: …` and below it what to do. */
export function findingText(finding: Finding): string {
  const line = `${finding.ok ? 'ok  ' : 'fail'}  ${finding.subject}: ${finding.detail}`;
  return finding.ok ? line : `${line}\n      → ${finding.mend}`;
}

/** Runs a check that may throw: the reason of the failure becomes the finding. */
export async function examined(subject: string, mend: string, check: () => Promise<Finding | Finding[]>): Promise<Finding[]> {
  try {
    return [await check()].flat();
  } catch (error) {
    return [wrong(subject, error instanceof Error ? causes(error) : String(error), mend)];
  }
}

function causes(error: Error): string {
  // An AggregateError of a refused connection has no message of its own.
  const own = error.message || ('code' in error ? String(error.code) : error.name);
  return error.cause instanceof Error && !own.includes(error.cause.message) ? `${own} (${causes(error.cause)})` : own;
}
