import { ConfigError } from '@milepost/runtime';

/** What the doctor found about one thing; what is wrong comes with how to mend it. */
export type Finding = { ok: true; subject: string; detail: string } | { ok: false; subject: string; detail: string; mend: string };

export const fine = (subject: string, detail: string): Finding => ({ ok: true, subject, detail });
export const wrong = (subject: string, detail: string, mend: string): Finding => ({ ok: false, subject, detail, mend });

/** `ok    Kafka: …`, or `fail  Kafka: …` and below it what to do; what is to be done for several is said below the last of them. */
export function findingTexts(findings: readonly Finding[]): string[] {
  return findings.map((finding, index) => {
    const line = `${finding.ok ? 'ok  ' : 'fail'}  ${finding.subject}: ${finding.detail}`;
    if (finding.ok || findings.slice(index + 1).some((later) => !later.ok && later.mend === finding.mend)) return line;
    return `${line}\n      → ${finding.mend}`;
  });
}

/** Runs a check that may throw: the reason of the failure becomes the finding. */
export async function examined(subject: string, mend: string, check: () => Promise<Finding | Finding[]>): Promise<Finding[]> {
  try {
    return [await check()].flat();
  } catch (error) {
    return [wrong(subject, causes(error), mend)];
  }
}

/** What an error says, and what it says was behind it. */
export function causes(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof ConfigError) return error.problems.map(({ variable, message }) => `${variable}: ${message}`).join(' ');
  // An AggregateError of a refused connection has no message of its own.
  const own = error.message || ('code' in error ? String(error.code) : error.name);
  return error.cause instanceof Error && !own.includes(error.cause.message) ? `${own} (${causes(error.cause)})` : own;
}
