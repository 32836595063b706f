export const maxCustomHeaders = 16;
const maxNameLength = 64;
/** Of one header. */
const maxValueLength = 2_048;

/** RFC 9110 §5.6.2. */
const token = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
/** RFC 9110 §5.5, without what is not ASCII: visible characters, with spaces and tabs between them. */
const fieldValue = /^(?:[!-~](?:[ \t!-~]*[!-~])?)?$/;

/** What says where a message ends or goes (RFC 9110 §7.6.1, RFC 9112), what speaks of its body, and whom it is from: ours to say. */
const ours = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
]);
const oursByPrefix = ['proxy-', 'webhook-'];

export interface HeaderRefusal {
  /** The header's name as it was given. */
  name: string;
  code: 'too_many' | 'not_allowed' | 'invalid_name' | 'invalid_value' | 'repeated';
  /** For whoever typed it. */
  message: string;
}

/** Headers that somebody wants sent with each delivery, under lower-case names; or what is wrong with each that will not do. */
export type HeadersVerdict = { ok: true; headers: Record<string, string> } | { ok: false; refusals: HeaderRefusal[] };

/** Judges custom headers where they are registered; nothing else is ever stored or sent. Pure. */
export function checkCustomHeaders(given: Readonly<Record<string, string>>): HeadersVerdict {
  const entries = Object.entries(given);
  if (entries.length > maxCustomHeaders) {
    return { ok: false, refusals: [{ name: '', code: 'too_many', message: `There may be ${maxCustomHeaders} headers.` }] };
  }
  const headers = new Map<string, string>();
  const refusals: HeaderRefusal[] = [];
  for (const [name, value] of entries) {
    const lower = name.toLowerCase();
    const refusal = headers.has(lower) ? repeated(name) : refusalOf(name, value);
    if (refusal) refusals.push(refusal);
    else headers.set(lower, value);
  }
  return refusals.length > 0 ? { ok: false, refusals } : { ok: true, headers: Object.fromEntries(headers) };
}

function refusalOf(name: string, value: string): HeaderRefusal | undefined {
  const lower = name.toLowerCase();
  if (!token.test(name) || name.length > maxNameLength || lower === '__proto__') {
    return { name, code: 'invalid_name', message: `"${name}" is no header's name of at most ${maxNameLength} characters.` };
  }
  if (ours.has(lower) || oursByPrefix.some((prefix) => lower.startsWith(prefix))) {
    return { name, code: 'not_allowed', message: `${name} is not for you to set: milepost or the connection does.` };
  }
  if (value.length > maxValueLength || !fieldValue.test(value)) {
    const message = `The value of ${name} must be at most ${maxValueLength} visible ASCII characters, spaces and tabs between them.`;
    return { name, code: 'invalid_value', message };
  }
  return undefined;
}

const repeated = (name: string): HeaderRefusal => ({
  name,
  code: 'repeated',
  message: `${name} stands there twice: upper and lower case are the same.`,
});
