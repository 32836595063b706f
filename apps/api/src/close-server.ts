import type { Api } from './route.js';

const lookEveryMs = 100;
/** Longer than a statement may take by default, and less than a process has to stop. */
const patienceMs = 12_000;

/**
 * Answers what is asked already, then ends. Node closes the connections that nobody uses when it begins to close, and waits for all others: without us
 * for one whose answer has gone since as long as its client keeps it, and for one on which nothing, or half a request, has come without end.
 */
export async function closeServer(app: Api): Promise<void> {
  const looking = setInterval(() => app.server.closeIdleConnections(), lookEveryMs);
  const cutting = setTimeout(() => app.server.closeAllConnections(), patienceMs);
  try {
    await app.close();
  } finally {
    clearInterval(looking);
    clearTimeout(cutting);
  }
}
