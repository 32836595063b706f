import { createInterface } from 'node:readline';
import { CliError, exitCodes } from '../cli-error.js';
import { readNamedFile } from './read-named-file.js';

/** Where a password comes from. Never from an argument: these stand in the history and in the list of processes. */
export interface PasswordSource {
  passwordFile?: string;
  stdin?: boolean;
}

/** @throws CliError when there is none, or two that differ were typed. */
export async function readPassword({ passwordFile, stdin = false }: PasswordSource): Promise<Buffer> {
  if (passwordFile !== undefined && stdin) throw new CliError('Give --password-file or --stdin, not both.', exitCodes.usage);
  if (passwordFile !== undefined) return firstLine(await readNamedFile('--password-file', passwordFile));
  if (stdin) return firstLine(await standardInput());
  if (!process.stdin.isTTY)
    throw new CliError('There is no terminal to ask for the password on. Give --password-file FILE or --stdin.', exitCodes.usage);
  const typed = await ask('Password: ');
  if (typed !== (await ask('The same again: '))) throw new CliError('The two passwords differ. Nothing was changed.');
  return Buffer.from(typed);
}

/** What follows the first line's end is not looked at: editors and `echo` put an end there. */
export function firstLine(content: Buffer): Buffer {
  const end = content.indexOf('\n');
  const line = end < 0 ? content : content.subarray(0, end);
  return line.at(-1) === 0x0d ? line.subarray(0, -1) : line;
}

async function standardInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** On the terminal, without showing what is typed. */
function ask(question: string): Promise<string> {
  process.stderr.write(question);
  // Without an output the line editor echoes nothing; as a terminal it switches the echo of the system off.
  const lines = createInterface({ input: process.stdin, terminal: true });
  return new Promise((resolve, reject) => {
    lines.once('line', (line) => {
      process.stderr.write('\n');
      lines.close();
      resolve(line);
    });
    lines.once('SIGINT', () => {
      process.stderr.write('\n');
      lines.close();
      reject(new CliError('Stopped. Nothing was changed.'));
    });
  });
}
