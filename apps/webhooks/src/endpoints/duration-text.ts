const units = [
  { name: 'hour', ms: 3_600_000 },
  { name: 'minute', ms: 60_000 },
] as const;
const seconds = { name: 'second', ms: 1_000 } as const;

/** In the largest unit of which it is a whole number, never rounded: people compare it with what they have configured. */
export function durationText(ms: number): string {
  const unit = units.find((one) => ms % one.ms === 0) ?? seconds;
  const count = ms / unit.ms;
  return `${count} ${unit.name}${count === 1 ? '' : 's'}`;
}
