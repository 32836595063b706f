/** `guest`: of the conformance door, where anybody is anybody. */
export type ClientKind = 'vehicle' | 'operator' | 'guest';

/** A client is its kind, its organisation and its id: nothing crosses either. Kind and organisation hold no slash, so the key is unambiguous. */
export function clientKey(kind: ClientKind, organisation: string, id: string): string {
  return `${kind}/${encodeURIComponent(organisation)}/${id}`;
}

/** Users do not throw each other out, whatever client ids they choose: a key has the user's name, which holds no slash, too. */
export function operatorKey(organisation: string, userName: string, clientId: string): string {
  return clientKey('operator', organisation, `${userName}/${clientId}`);
}

/** What all keys of one user begin with; undefined of a client that has one key alone. */
export function userOf(key: string): string | undefined {
  return key.startsWith('operator/') ? key.split('/', 3).join('/') : undefined;
}
