import { describe, expect, test, vi } from 'vitest';
import { Reception, type ReceptionOptions } from './reception.js';

function reception() {
  const [refused, counted, logged] = [vi.fn(), vi.fn(), vi.fn()];
  const options = {
    door: { refusals: { refused } },
    metrics: { handshakes: { inc: vi.fn() }, handshakeFailures: { inc: counted } },
    logger: { info: logged },
  };
  return { refused, counted, logged, reception: new Reception(options as unknown as ReceptionOptions) };
}

const failure = (code: string) => Object.assign(new Error('handshake'), { code });

describe('a handshake that fails', () => {
  test.each(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_HTTP_REQUEST'])(
    'because no TLS was spoken (%s) is a refused connection with its reason, beside its count',
    (code) => {
      const { reception: it, refused, counted } = reception();
      it.failed(failure(code), '192.0.2.7');
      expect(refused).toHaveBeenCalledExactlyOnceWith({ address: '192.0.2.7', reason: 'not_tls' }, expect.stringContaining(code));
      expect(counted).toHaveBeenCalledOnce();
    },
  );

  test.each(['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED'])(
    'because the client does not accept our certificate (%s) is a refused connection too',
    (code) => {
      const { reception: it, refused } = reception();
      it.failed(failure(code), '192.0.2.7');
      expect(refused).toHaveBeenCalledExactlyOnceWith(
        { address: '192.0.2.7', reason: 'broker_not_trusted' },
        expect.stringContaining(code),
      );
    },
  );

  test('for another reason is counted alone: it says nothing of who came', () => {
    const { reception: it, refused, counted } = reception();
    it.failed(failure('ECONNRESET'), '192.0.2.7');
    expect(refused).not.toHaveBeenCalled();
    expect(counted).toHaveBeenCalledExactlyOnceWith({ reason: 'econnreset' });
  });

  test('is logged with a reason in words and its code, and not with the text of OpenSSL', () => {
    const { reception: it, logged } = reception();
    const text = '80:error:0A000102:SSL routines:f:unsupported protocol:../deps/openssl/statem_srvr.c:1664:\n';
    it.failed(Object.assign(new Error(text), { code: 'ERR_SSL_UNSUPPORTED_PROTOCOL' }), '192.0.2.7');
    expect(logged).toHaveBeenCalledExactlyOnceWith(
      {
        event: 'broker.handshake.failed',
        address: '192.0.2.7',
        reason: 'tls_version',
        detail: expect.not.stringContaining('openssl'),
        code: 'ERR_SSL_UNSUPPORTED_PROTOCOL',
      },
      expect.any(String),
    );
  });
});
