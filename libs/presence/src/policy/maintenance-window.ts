import { type MaintenanceWindow, weekdays } from '@milepost/contracts';

type Weekly = Exclude<MaintenanceWindow, { from: string }>;

const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** The end of the window that is on at this time (ms since the epoch); undefined while it is not. A window begins at its start, and not at its end. */
export function windowEndMs(window: MaintenanceWindow, atMs: number): number | undefined {
  if ('from' in window) {
    const endMs = Date.parse(window.to);
    return atMs >= Date.parse(window.from) && atMs < endMs ? endMs : undefined;
  }
  const local = localTimeMs(atMs, window.timeZone);
  const today = Math.floor(local / DAY_MS);
  // One lasts a day at most: that of yesterday may still be on.
  for (const day of [today, today - 1]) {
    const startMs = startOn(day, window);
    if (startMs === undefined) continue;
    const endMs = startMs + window.durationMinutes * 60_000;
    if (atMs >= startMs && atMs < endMs) return endMs;
  }
  return undefined;
}

/** When it begins on a local day (days since the epoch), if it does. A local time that a change of the clocks leaves out begins as much later. */
function startOn(day: number, { weekdays: days, start, timeZone }: Weekly): number | undefined {
  // The epoch was a Thursday.
  const weekday = weekdays[(((day + 3) % 7) + 7) % 7];
  if (weekday === undefined || !days.includes(weekday)) return undefined;
  const [hours = 0, minutes = 0] = start.split(':').map(Number);
  const wanted = day * DAY_MS + (hours * 60 + minutes) * 60_000;
  const guess = wanted - (localTimeMs(wanted, timeZone) - wanted);
  return wanted - (localTimeMs(guess, timeZone) - guess);
}

/** What a clock on the wall there shows, as if it were UTC. */
function localTimeMs(atMs: number, timeZone: string): number {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  return (
    Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) +
    (((atMs % 1_000) + 1_000) % 1_000)
  );
}

/** @throws RangeError when there is no such time zone. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const numeric = 'numeric' as const;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
  });
  formats.set(timeZone, format);
  return format;
}
