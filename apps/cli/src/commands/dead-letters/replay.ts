import { maxBridgedBytes, recordHeaders } from '@milepost/contracts';
import { type DeadLetterPosition, type DeadLetterRecord, findDeadLetter } from '@milepost/database';
import { createLogWriter, type LogWriter } from '@milepost/kafka';
import { sleep } from '@milepost/runtime';
import { Command } from 'commander';
import { deadLetterId, parseDeadLetterId } from '../../arguments/dead-letter-id.js';
import { readNamedFile } from '../../arguments/read-named-file.js';
import { CliError, exitCodes } from '../../cli-error.js';
import { note, print } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

const patienceMs = 20_000;

export const deadLettersReplay = (installation: Installation): Command =>
  new Command('replay')
    .description(
      'write dead letters to their topics again: what was stored before is recognised, what fails again stays a dead letter; prints the new positions',
    )
    .argument('<id...>', 'topic/partition/offset', (text: string, before: DeadLetterPosition[] = []) => [
      ...before,
      parseDeadLetterId(text),
    ])
    .option('--payload <file>', 'send the content of this file, the mended message, instead (one id only)')
    .action(async (ids: DeadLetterPosition[], { payload: file }: { payload?: string }) => {
      if (file !== undefined && ids.length > 1) throw new CliError('--payload mends one message: name one id.', exitCodes.usage);
      const payload = file === undefined ? undefined : await readPayload(file);
      const letters = await installation.withOwner((owner) =>
        Promise.all(ids.map(async (id) => (await findDeadLetter(owner, id)) ?? missing(id))),
      );
      await installation.withKafka(async (connection) => {
        const writer = createLogWriter(connection, { logger: installation.logger() });
        try {
          for (const letter of letters) await replay(writer, letter, payload);
        } finally {
          await writer.close({ timeoutMs: 1_000 });
        }
      });
    });

/** With the original key, headers and time; to the original partition only by way of the key, as a vehicle's record would. */
async function replay(writer: LogWriter, letter: DeadLetterRecord, payload: Buffer | undefined): Promise<void> {
  const id = deadLetterId(letter);
  const appending = writer.append({
    topic: letter.topic,
    key: letter.recordKey,
    value: payload ?? letter.payload,
    headers: { ...headersFor(letter, payload), [recordHeaders.replayOf]: id },
    timestampMs: letter.recordTimestamp.getTime(),
  });
  const answered = new AbortController();
  const outcome = await Promise.race([appending, sleep(patienceMs, answered.signal).then(() => undefined)]);
  answered.abort();
  if (outcome === undefined)
    throw new CliError(`Kafka did not answer for ${patienceMs / 1_000} s; ${id} may be written twice if you try again, which is harmless.`);
  if (outcome.kind !== 'stored') throw new CliError(`Kafka did not take ${id}: ${outcome.message}`);
  print(deadLetterId({ topic: letter.topic, partition: outcome.partition, offset: outcome.offset }));
  note(
    `Replayed ${id}${payload ? ' with the given payload' : ''}. In a moment \`npx milepost dead-letters list\` says since when it is stored; if something in it is still wrong, what that is. So does /v1/trace, under ${id} and not under the new position.`,
  );
}

/** A mended payload is plain: what the old one was packed with no longer holds, unless the new one is packed too. */
function headersFor(letter: DeadLetterRecord, payload: Buffer | undefined): Record<string, string | Buffer> {
  const { [recordHeaders.contentEncoding]: encoding, ...rest } = letter.headers;
  const gzipped = payload === undefined || (payload[0] === 0x1f && payload[1] === 0x8b);
  return encoding !== undefined && gzipped ? letter.headers : rest;
}

async function readPayload(file: string): Promise<Buffer> {
  const payload = await readNamedFile('--payload', file);
  if (payload.length > maxBridgedBytes) throw new CliError(`${file} has ${payload.length} bytes; a message may have ${maxBridgedBytes}.`);
  return payload;
}

function missing(id: DeadLetterPosition): never {
  throw new CliError(
    `There is no dead letter ${deadLetterId(id)}; they are kept for 30 days. Nothing was replayed. Look at \`npx milepost dead-letters list\`.`,
  );
}
