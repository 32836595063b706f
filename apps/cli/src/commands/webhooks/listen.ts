import { randomBytes } from 'node:crypto';
import { type Webhook, webhookFormats } from '@milepost/contracts';
import { Command, InvalidArgumentError, Option } from 'commander';
import { backwards } from '../../arguments/options.js';
import { followEvents } from '../../listen/follow-events.js';
import { forwardEvent } from '../../listen/forward-event.js';
import { note, print } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

interface Options {
  forward: string;
  types?: string;
  from?: Date;
  cursor?: string;
  format: Webhook['format'];
  once?: true;
}

function httpUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new InvalidArgumentError('Give a URL like http://localhost:9000/.');
  return text;
}

export const webhooksListen = (installation: Installation): Command =>
  new Command('listen')
    .description(
      'forward the organisation’s events to this machine, signed with a secret of this run, until Ctrl-C; nothing is opened to the outside',
    )
    .requiredOption('--forward <url>', 'where to post them, like http://localhost:9000/', httpUrl)
    .option('--types <types>', 'only these event types, comma-separated')
    .option('--from <time>', 'begin with the events since, like 1h; default: those from now on', backwards)
    .option('--cursor <cursor>', 'go on where an earlier run ended')
    .addOption(new Option('--format <format>', 'how events are written').choices(webhookFormats).default('native'))
    .option('--once', 'send each event once; default: again until a 2xx comes, and only then the next')
    .action(async ({ forward, types, from, cursor, format, once }: Options) => {
      const secret = `whsec_${randomBytes(32).toString('base64')}`;
      const stopping = new AbortController();
      const stop = () => stopping.abort();
      process.once('SIGINT', stop).once('SIGTERM', stop);
      const { signal } = stopping;
      const last = await followEvents({
        api: installation.api(),
        signal,
        ...(from && { from }),
        ...(cursor !== undefined && { cursor }),
        ...(types !== undefined && { types }),
        handle: (event) =>
          forwardEvent(event, { url: forward, secret, format, once: once === true, publicUrl: installation.apiUrl(), signal, tell: note }),
        onTrouble: note,
        onBegin: () => {
          print(secret);
          note(`Forwarding events to ${forward}; the secret above verifies them. Ctrl-C ends.`);
        },
      });
      if (last !== undefined) note(`Go on from here with --cursor ${last}`);
    });
