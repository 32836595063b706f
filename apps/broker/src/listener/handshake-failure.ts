import { shownText } from '../refusals/shown-text.js';

export type HandshakeFailureReason =
  | 'not_tls'
  | 'tls_version'
  | 'no_shared_cipher'
  | 'broker_not_trusted'
  | 'certificate_unproven'
  | 'given_up'
  | 'timeout'
  | 'connection_lost'
  | 'no_resources'
  | 'malformed'
  | 'other';

export interface HandshakeFailure {
  readonly reason: HandshakeFailureReason;
  /** For an operator, one line: what happened, and where to look. */
  readonly detail: string;
}

interface Kind extends HandshakeFailure {
  /** Of the error's code. OpenSSL names an alert by the version that introduced it (`SSLV3`, `TLSV1`), its later releases by none (`SSL/TLS`): the end says which. */
  readonly code: RegExp;
}

const KINDS: readonly Kind[] = [
  {
    code: /^ERR_SSL_HTTPS?_(PROXY_)?REQUEST$/,
    reason: 'not_tls',
    detail: 'the client speaks plain HTTP; this port expects TLS',
  },
  {
    code: /^ERR_SSL_WRONG_VERSION_NUMBER$/,
    reason: 'not_tls',
    detail: 'the first bytes are no TLS record: the client speaks plain text (MQTT without TLS?); this port expects TLS',
  },
  {
    code: /(UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|ALERT_PROTOCOL_VERSION)$/,
    reason: 'tls_version',
    detail: 'no TLS version in common: the broker speaks 1.2 and 1.3',
  },
  {
    code: /(NO_SHARED_CIPHER|NO_SUITABLE_KEY_SHARE|NO_SUITABLE_GROUPS?|NO_SHARED_SIGNATURE_ALGORITHMS|NO_SUITABLE_SIGNATURE_ALGORITHM)$/,
    reason: 'no_shared_cipher',
    detail: 'no cipher, curve or signature algorithm in common',
  },
  {
    code: /ALERT_UNKNOWN_CA$/,
    reason: 'broker_not_trusted',
    detail: "the client does not know the CA of the broker's certificate: give it that CA",
  },
  {
    code: /ALERT_CERTIFICATE_EXPIRED$/,
    reason: 'broker_not_trusted',
    detail: "the client takes the broker's certificate for expired: look at its end and at the client's clock",
  },
  {
    code: /ALERT_CERTIFICATE_REVOKED$/,
    reason: 'broker_not_trusted',
    detail: "the client takes the broker's certificate for revoked",
  },
  {
    // A host name that is another comes as bad_certificate or certificate_unknown, according to the client.
    code: /ALERT_(BAD|UNSUPPORTED)_CERTIFICATE$|ALERT_CERTIFICATE_UNKNOWN$/,
    reason: 'broker_not_trusted',
    detail: "the client does not accept the broker's certificate: its names may not cover the host that the client connects to",
  },
  {
    code: /(BAD_SIGNATURE|WRONG_SIGNATURE_(TYPE|SIZE))$/,
    reason: 'certificate_unproven',
    detail: 'the client could not prove that its key belongs to the certificate that it showed',
  },
  {
    code: /_ALERT_|UNRECOGNIZED_NAME$/,
    reason: 'given_up',
    detail: 'the client ended the handshake with an alert; its own log says why',
  },
  { code: /HANDSHAKE_TIMEOUT$/, reason: 'timeout', detail: 'the handshake was not over in time (MQTT_HANDSHAKE_TIMEOUT_MS)' },
  {
    code: /^(ECONNRESET|EPIPE|ECONNABORTED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/,
    reason: 'connection_lost',
    detail: 'the connection was lost or closed during the handshake; a client that does not trust the broker may end like this, too',
  },
  {
    code: /^(EMFILE|ENFILE|ENOBUFS|ENOMEM)$/,
    reason: 'no_resources',
    detail: 'the system has no file descriptor or memory left for another connection',
  },
  { code: /^ERR_SSL_/, reason: 'malformed', detail: 'the client sent what does not belong into a TLS handshake' },
];

/**
 * Why a TLS handshake was not completed, in words for an operator. OpenSSL's text names its own source lines and is kept out; its code
 * stays beside this.
 */
export function handshakeFailureOf({ code, message }: { readonly code?: string | undefined; readonly message: string }): HandshakeFailure {
  const kind = code === undefined ? undefined : KINDS.find((each) => each.code.test(code));
  return kind === undefined ? { reason: 'other', detail: shownText(message) } : { reason: kind.reason, detail: kind.detail };
}
