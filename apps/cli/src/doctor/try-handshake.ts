import { connect, type TLSSocket } from 'node:tls';
import { type Finding, fine, wrong } from './finding.js';

export interface HandshakeOptions {
  host: string;
  port: number;
  certificate: string;
  key: string;
  ca: string;
  /** Subjects of what was found wrong with the files before. */
  foundWrong: readonly string[];
}

const patienceMs = 8_000;
/** The broker judges a certificate after the handshake (in TLS 1.3 every server does): who is still connected then was accepted. */
const verdictMs = 1_000;

type Ending =
  | { kind: 'accepted' }
  | { kind: 'unasked' }
  | { kind: 'closed' }
  | { kind: 'failed'; error: NodeJS.ErrnoException }
  | { kind: 'silent' };

/** A real TLS handshake. No CONNECT is sent: it would take over the connection of a vehicle that is under way. */
export async function tryHandshake({ host, port, certificate, key, ca, foundWrong }: HandshakeOptions): Promise<Finding> {
  const subject = `Handshake with ${host}:${port}`;
  let socket: TLSSocket;
  try {
    socket = connect({ host, port, cert: certificate, key, ca, ...(isName(host) && { servername: host }) });
  } catch (error) {
    return wrong(subject, `it could not begin: ${error instanceof Error ? inWords(error) : error}`, 'Mend what is said above first.');
  }
  const ending = await outcomeOf(socket);
  const protocol = socket.getProtocol();
  socket.destroy();
  switch (ending.kind) {
    case 'accepted':
      return fine(subject, `the broker accepted the certificate (${protocol})`);
    case 'unasked':
      return wrong(
        subject,
        `it asks for no certificate (${protocol}): no vehicle gets in there`,
        "Take the vehicles' port (MQTT_TLS_PORT, 8883 unless configured). That of users with a password asks for none; what ends TLS in front of the broker keeps it from the broker.",
      );
    case 'closed':
      return wrong(subject, 'the broker closed the connection as soon as it had seen the certificate', reasonOf(foundWrong));
    case 'silent':
      return wrong(subject, `nobody answered within ${patienceMs / 1_000} s`, 'Check host, port, and firewalls between here and there.');
    case 'failed':
      return wrong(subject, inWords(ending.error), mending(ending.error));
  }
}

function outcomeOf(socket: TLSSocket): Promise<Ending> {
  return new Promise((resolve) => {
    const patience = setTimeout(() => resolve({ kind: 'silent' }), patienceMs);
    const end = (ending: Ending) => {
      clearTimeout(patience);
      resolve(ending);
    };
    socket.on('error', (error: NodeJS.ErrnoException) => end({ kind: 'failed', error }));
    socket.once('close', () => end({ kind: 'closed' }));
    socket.once('end', () => end({ kind: 'closed' }));
    // The algorithms that both sides sign with stand in the server's request for a certificate; without a request there are none.
    socket.once('secureConnect', () =>
      setTimeout(() => end({ kind: socket.getSharedSigalgs().length > 0 ? 'accepted' : 'unasked' }), verdictMs),
    );
    socket.resume();
  });
}

/** Of OpenSSL the reason alone: its message names its own source lines. */
function inWords({ code = '', message, reason }: NodeJS.ErrnoException & { reason?: string }): string {
  const said = reason ?? message;
  return code === '' || said.includes(code) ? said : `${said} (${code})`;
}

function mending({ code = '' }: NodeJS.ErrnoException): string {
  if (code === 'ECONNREFUSED') return 'Nothing listens there: start the broker, or check host and port.';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'Check the host name.';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return "The broker's certificate is not for this host name: connect by a name that it holds, or issue it for this one.";
  if (/SELF_SIGNED|UNABLE_TO|UNKNOWN_CA|SIGNATURE/.test(code))
    return "The file given as --ca did not issue the broker's certificate: give the vehicle the right ca.crt.";
  if (code === 'CERT_HAS_EXPIRED') return "The broker's certificate has expired: renew it.";
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER') return 'What listens there does not speak TLS: use the port for mqtts.';
  return 'The broker refused during the handshake; its log says why (broker.handshake.failed).';
}

/** A certificate that somebody else has the key of ends in the handshake: no attempt is recorded of it. */
function reasonOf(foundWrong: readonly string[]): string {
  if (foundWrong.length === 0) return 'GET /v1/connection-attempts says why; if not, the log of the broker does (broker.handshake.failed).';
  return `See ${foundWrong.map((subject) => `"${subject}"`).join(' and ')} above, and GET /v1/connection-attempts, for its reason.`;
}

const isName = (host: string): boolean => /[a-z]/i.test(host) && !host.includes(':');
