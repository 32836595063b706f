/** As much of DER (X.690) as revocation lists need: the libraries at hand refuse or crawl through lists of some ten thousand entries. */

export const derTag = {
  integer: 0x02,
  bitString: 0x03,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  context0: 0xa0,
} as const;

export interface DerElement {
  tag: number;
  /** Without tag and length. */
  content: Buffer;
  /** With them. */
  whole: Buffer;
}

/** @throws RangeError when the bytes end before the element does. */
export function readDer(bytes: Buffer): DerElement {
  const first = bytes.readUInt8(1);
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(2, lengthBytes);
  const start = 2 + lengthBytes;
  if (bytes.length < start + length) throw new RangeError('truncated DER element');
  return { tag: bytes.readUInt8(0), content: bytes.subarray(start, start + length), whole: bytes.subarray(0, start + length) };
}

/** The elements of a constructed element, in order. */
export function* derChildren(content: Buffer): Generator<DerElement> {
  for (let rest = content; rest.length > 0; ) {
    const element = readDer(rest);
    yield element;
    rest = rest.subarray(element.whole.length);
  }
}

export function writeDer(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const length = contents.reduce((sum, part) => sum + part.length, 0);
  const size = length < 0x80 ? '' : length.toString(16);
  const bytes = Buffer.from(size.length % 2 === 0 ? size : `0${size}`, 'hex');
  const head = length < 0x80 ? [tag, length] : [tag, 0x80 | bytes.length, ...bytes];
  return Buffer.concat([Buffer.from(head), ...contents]);
}

/** A positive INTEGER from its hexadecimal digits: a leading 00 where the first bit would say "negative". */
export function derInteger(hex: string): Buffer {
  const digits = hex.length % 2 === 0 ? hex : `0${hex}`;
  return writeDer(derTag.integer, Buffer.from(Number.parseInt(digits.slice(0, 2), 16) >= 0x80 ? `00${digits}` : digits, 'hex'));
}

/** UTCTime until 2049, then GeneralizedTime (RFC 5280 §5.1.2.4); whole seconds. */
export function derTime(time: Date): Buffer {
  const digits = `${time.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;
  return time.getUTCFullYear() < 2050
    ? writeDer(derTag.utcTime, Buffer.from(digits.slice(2)))
    : writeDer(derTag.generalizedTime, Buffer.from(digits));
}

/** @throws TypeError when the element is not a time of RFC 5280. */
export function readDerTime({ tag, content }: DerElement): Date {
  const text = content.toString('latin1');
  const century = tag === derTag.generalizedTime ? '' : Number(text.slice(0, 2)) < 50 ? '20' : '19';
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(century + text) ?? [];
  if (s === undefined || (tag !== derTag.utcTime && tag !== derTag.generalizedTime)) throw new TypeError(`"${text}" is not a time`);
  return new Date(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
}

export const isDerTime = (element: DerElement | undefined): element is DerElement =>
  element?.tag === derTag.utcTime || element?.tag === derTag.generalizedTime;
