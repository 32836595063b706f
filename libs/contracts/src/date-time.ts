import Format from 'typebox/format';

/**
 * RFC 3339 and nothing beyond it. TypeBox lets through what RFC 9557 adds as well, the name of a zone or a calendar
 * (`2026-11-26T10:00:00+01:00[Europe/Paris]`), which Date.parse does not read: what passes here is a time to all that come after.
 */
export function isDateTime(text: string): boolean {
  return !text.includes('[') && Format.IsDateTime(text);
}

Format.Set('date-time', isDateTime);
