/** Paths of what a server needs for mutual TLS. */
export interface TlsFiles {
  certificate: string;
  key: string;
  ca: string;
  /** trusted-cas.json of milepost. */
  trust: string;
}
