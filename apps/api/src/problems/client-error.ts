import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ProblemCode } from './codes.js';
import { ApiProblem, problemMediaType } from './problem.js';

/** For bytes that are no HTTP request: there is no route and no reply yet, only the socket. */
export function answerClientError({ code }: Error & { code?: string }, socket: Socket): void {
  // The client went away, or an answer is on its way already.
  if (code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const { status, body } = problemOfClientError(code);
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: ${problemMediaType}\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
  );
}

function problemOfClientError(code: string | undefined): ApiProblem {
  const [problem, detail]: [ProblemCode, string] =
    code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? ['request_timeout', 'The whole request did not come in time. Send it again.']
      : code === 'HPE_HEADER_OVERFLOW'
        ? ['headers_too_large', 'Send fewer or shorter headers: 16 KiB in all are read.']
        : ['malformed_request', 'What came is not a request of HTTP/1.1. Is TLS spoken to a port without it?'];
  return new ApiProblem(problem, detail);
}
