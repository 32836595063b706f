/** `guest`: of the conformance door, where anybody is anybody. */
export type ClientKind = 'vehicle' | 'operator' | 'guest';

/** A client is its kind, its organisation and its id: nothing crosses either. Kind and organisation hold no slash, so the key is unambiguous. */
export function clientKey(kind: ClientKind, organisation: string, id: string): string {
  return `${kind}/${encodeURIComponent(organisation)}/${id}`;
}
