/** Bytes of ASCII. */
const quote = 0x22;
const dash = 0x2d;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const backslash = 0x5c;
const upperT = 0x54;
const upperZ = 0x5a;

/** What the last value that was read holds, and where it ends: one object for all, since millions of them are read. */
export interface PlainValue {
  /** Index behind the value; -1 when it is not plain. */
  end: number;
  number: number;
}

/** Up to so many digits come out of a double as they went in, and divide exactly. */
const maxDigits = 15;
const powersOfTen = Float64Array.from({ length: maxDigits + 1 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * A number as RFC 8785 writes it, without exponent. Of at most 15 digits, digits and power of ten are both exact as doubles, so that their quotient is the
 * nearest double to what is written (Clinger 1990, the fast path); and each such text stands for a double of its own, so that no shorter
 * one means the same: with no digit that could be left out, the text is its own canonical form. Of more digits it is compared with that form.
 */
export function readPlainNumber(bytes: Buffer, from: number, value: PlainValue): void {
  value.end = -1;
  const isNegative = bytes[from] === dash;
  const first = isNegative ? from + 1 : from;
  let at = first;
  let digits = 0;
  let byte = bytes[at] ?? 0;
  for (; byte >= zero && byte <= nine; byte = bytes[++at] ?? 0) digits = digits * 10 + (byte - zero);
  const whole = at - first;
  if (whole === 0 || (whole > 1 && bytes[first] === zero)) return;
  let decimals = 0;
  if (byte === point) {
    const decimal = at + 1;
    let last = 0;
    for (byte = bytes[++at] ?? 0; byte >= zero && byte <= nine; byte = bytes[++at] ?? 0) {
      digits = digits * 10 + (byte - zero);
      last = byte;
    }
    decimals = at - decimal;
    if (decimals === 0 || last === zero) return;
  } else if (digits === 0 && isNegative) return;

  if (whole + decimals > maxDigits) {
    const text = bytes.toString('latin1', from, at);
    value.number = Number(text);
    if (String(value.number) !== text) return;
  } else {
    const size = digits / (powersOfTen[decimals] ?? Number.NaN);
    // An exponent is written below that.
    if (decimals > 0 && size < 1e-6) return;
    value.number = isNegative ? -size : size;
  }
  value.end = at;
}

/** A string of printable ASCII without escapes, which is its own canonical form: `end` is behind its closing quote. */
export function readPlainText(bytes: Uint8Array, from: number, value: PlainValue): void {
  value.end = -1;
  if (bytes[from] !== quote) return;
  for (let at = from + 1; ; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) {
      value.end = at + 1;
      return;
    }
    if (byte < 0x20 || byte > 0x7e || byte === backslash) return;
  }
}

/** `true` or `false`, as 1 or 0. */
export function readPlainBoolean(bytes: Uint8Array, from: number, value: PlainValue): void {
  const isTrue = bytes[from] === 0x74;
  value.number = isTrue ? 1 : 0;
  value.end = matches(bytes, from, isTrue ? trueBytes : falseBytes) ? from + (isTrue ? 4 : 5) : -1;
}

const trueBytes = new TextEncoder().encode('true');
const falseBytes = new TextEncoder().encode('false');

export function matches(bytes: Uint8Array, from: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i += 1) if (bytes[from + i] !== wanted[i]) return false;
  return true;
}

const DAY_MS = 86_400_000;
const daysOfMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const daysBeforeMonth = daysOfMonth.map((_, month) => daysOfMonth.slice(0, month).reduce((sum, days) => sum + days, 0));

/**
 * A time between quotes as most write it: `2026-11-26T10:00:05Z`, with up to three decimals, from 1970 on, in milliseconds since then.
 * A leap second, an offset or finer decimals are not plain.
 */
export function readPlainTime(bytes: Uint8Array, from: number, value: PlainValue): void {
  value.end = -1;
  const year = digitsAt(bytes, from + 1, 4);
  const month = digitsAt(bytes, from + 6, 2);
  const day = digitsAt(bytes, from + 9, 2);
  const hour = digitsAt(bytes, from + 12, 2);
  const minute = digitsAt(bytes, from + 15, 2);
  const second = digitsAt(bytes, from + 18, 2);
  if (bytes[from] !== quote || bytes[from + 5] !== dash || bytes[from + 8] !== dash || bytes[from + 11] !== upperT) return;
  if (bytes[from + 14] !== colon || bytes[from + 17] !== colon) return;
  if (year < 1970 || month < 1 || month > 12 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return;
  const isLeap = isLeapYear(year);
  if (day < 1 || day > (daysOfMonth[month - 1] ?? 0) + (month === 2 && isLeap ? 1 : 0)) return;

  let at = from + 20;
  let ms = 0;
  if (bytes[at] === point) {
    at += 1;
    let unit = 100;
    for (let byte = bytes[at] ?? 0; byte >= zero && byte <= nine; byte = bytes[++at] ?? 0) {
      ms += (byte - zero) * unit;
      unit /= 10;
    }
    if (unit === 100 || unit < 0.1) return;
  }
  if (bytes[at] !== upperZ || bytes[at + 1] !== quote) return;
  const past = year - 1;
  const days =
    (year - 1970) * 365 +
    (Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400)) -
    leapYearsBefore1970 +
    (daysBeforeMonth[month - 1] ?? 0) +
    (month > 2 && isLeap ? 1 : 0) +
    (day - 1);
  value.number = days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1_000 + ms;
  value.end = at + 2;
}

const leapYearsBefore1970 = 477;

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** -1 when these are not all digits. */
function digitsAt(bytes: Uint8Array, from: number, count: number): number {
  let number = 0;
  for (let i = 0; i < count; i += 1) {
    const byte = bytes[from + i] ?? 0;
    if (byte < zero || byte > nine) return -1;
    number = number * 10 + (byte - zero);
  }
  return number;
}
