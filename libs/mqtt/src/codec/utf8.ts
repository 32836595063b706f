/** Well-formed UTF-8 (RFC 3629): no overlong form, no surrogate, nothing above U+10FFFF. */
export function isUtf8(bytes: Buffer, start = 0, end = bytes.length): boolean {
  let at = start;
  while (at < end) {
    const lead = bytes[at++] as number;
    if (lead < 0x80) continue;
    if (lead < 0xc2 || lead > 0xf4) return false;
    const second = at < end ? (bytes[at++] as number) : 0;
    const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (second < lowest || second > highest) return false;
    for (let more = lead < 0xe0 ? 0 : lead < 0xf0 ? 1 : 2; more > 0; more--) {
      const next = at < end ? (bytes[at++] as number) : 0;
      if (next < 0x80 || next > 0xbf) return false;
    }
  }
  return true;
}

/** The string of an MQTT UTF-8 field, or undefined if it is malformed or holds U+0000 (MQTT-1.5.4-1, -2). A BOM is kept (-3). */
export function decodeUtf8(bytes: Buffer, start: number, end: number): string | undefined {
  let ascii = true;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === 0) return undefined;
    if (byte >= 0x80) ascii = false;
  }
  if (ascii) return bytes.toString('latin1', start, end);
  return isUtf8(bytes, start, end) ? bytes.toString('utf8', start, end) : undefined;
}
