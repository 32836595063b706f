import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BenchPki } from './bench-pki.js';
import type { Answer, LoadReply, Order, OrderName } from './load-orders.js';

export interface Load {
  ask<N extends OrderName>(name: N, order: Order<N>): Promise<Answer<N>>;
  stop(): Promise<void>;
}

/** The clients, in a process of their own: their CPU is nobody's. */
export function startLoad({ caPem, clientsFile }: BenchPki): Load {
  const child = fork(fileURLToPath(new URL('load-main.js', import.meta.url)), [JSON.stringify({ caPem, clientsFile })]);
  const exited = once(child, 'exit');
  return {
    ask: (name, order) =>
      new Promise((resolve, reject) => {
        const ended = (code: number | null) => reject(new Error(`the load process ended with exit code ${code}`));
        child.once('exit', ended);
        child.once('message', (reply: LoadReply) => {
          child.off('exit', ended);
          if (reply.ok) resolve(reply.answer as Answer<typeof name>);
          else reject(new Error(reply.error));
        });
        child.send({ name, order });
      }),
    stop: async () => {
      child.disconnect();
      await exited;
    },
  };
}
