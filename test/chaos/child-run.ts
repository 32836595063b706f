import { spawn } from 'node:child_process';
import { runSignals } from './run-signals.js';

/**
 * Runs a program in this one's place: it is told of every signal that comes here, and by its channel when this process is gone, however that came.
 * Resolves with the exit code; 1 when a signal ended it.
 */
export async function childRun(command: string, args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(command, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env: environment });
  const tell = (signal: NodeJS.Signals) => void child.kill(signal);
  for (const signal of runSignals) process.on(signal, tell);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? 1));
    });
  } finally {
    for (const signal of runSignals) process.off(signal, tell);
  }
}
