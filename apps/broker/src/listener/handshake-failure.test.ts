import { expect, test } from 'vitest';
import { handshakeFailureOf } from './handshake-failure.js';

const OPENSSL = '809CA60C4C7F0000:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl/ssl3_record.c:350:\n';

test.each([
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'not_tls'],
  ['ERR_SSL_HTTP_REQUEST', 'not_tls'],
  ['ERR_SSL_HTTPS_PROXY_REQUEST', 'not_tls'],
  ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'tls_version'],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tls_version'],
  ['ERR_SSL_NO_SHARED_CIPHER', 'no_shared_cipher'],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'broker_not_trusted'],
  ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'broker_not_trusted'],
  ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 'broker_not_trusted'],
  ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN', 'broker_not_trusted'],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', 'broker_not_trusted'],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED', 'broker_not_trusted'],
  ['ERR_SSL_BAD_SIGNATURE', 'certificate_unproven'],
  ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'given_up'],
  ['ERR_SSL_TLSV1_ALERT_USER_CANCELLED', 'given_up'],
  ['ERR_TLS_HANDSHAKE_TIMEOUT', 'timeout'],
  ['ECONNRESET', 'connection_lost'],
  ['EMFILE', 'no_resources'],
  ['ERR_SSL_UNEXPECTED_MESSAGE', 'malformed'],
])('%s is told as %s, in one line without a source file of OpenSSL', (code, reason) => {
  const failure = handshakeFailureOf({ code, message: OPENSSL });
  expect(failure.reason).toBe(reason);
  expect(failure.detail).not.toMatch(/\n|openssl|\.c:\d/);
});

test('what is not known keeps its text, in one line', () => {
  expect(handshakeFailureOf({ message: 'strange\nthings' })).toEqual({ reason: 'other', detail: expect.not.stringContaining('\n') });
  expect(handshakeFailureOf({ code: 'ESTRANGE', message: 'strange' })).toEqual({ reason: 'other', detail: 'strange' });
});
