const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const;
const relative = /^([+-])(\d{1,9})([smhdw])$/;
const absolute = /^\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:\d{2}))?$/;

/** RFC 3339, a date alone (midnight UTC), or relative to now: `-1h`, `+30d` (s, m, h, d, w). Undefined for anything else. */
export function parseTime(text: string, now: Date): Date | undefined {
  const [, sign, count, unit] = relative.exec(text) ?? [];
  if (unit !== undefined) {
    const ms = Number(count) * unitMs[unit as keyof typeof unitMs];
    return validOrNothing(now.getTime() + (sign === '-' ? -ms : ms));
  }
  return absolute.test(text) ? validOrNothing(Date.parse(text.replace(' ', 'T').toUpperCase())) : undefined;
}

function validOrNothing(ms: number): Date | undefined {
  const time = new Date(ms);
  return Number.isNaN(time.getTime()) || time.getUTCFullYear() < 1950 || time.getUTCFullYear() > 9999 ? undefined : time;
}
