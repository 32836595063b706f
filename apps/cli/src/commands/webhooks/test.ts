import type { Delivery, Webhook } from '@milepost/contracts';
import { sleep } from '@milepost/runtime';
import { Command } from 'commander';
import { CliError } from '../../cli-error.js';
import { note } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';
import { adviceOn } from './advice.js';
import { outcomeOf, progressOf, stateOf } from './describe.js';

/** A receiver has 15 s to answer. */
const patienceMs = 25_000;
const lookEveryMs = 500;

export const webhooksTest = (installation: Installation): Command =>
  new Command('test')
    .description('send a test event to a webhook and say what came of it')
    .argument('<id>', 'the webhook')
    .action(async (id: string) => {
      const api = installation.api();
      const path = `/v1/webhooks/${encodeURIComponent(id)}`;
      let delivery = await api.call<Delivery>('POST', `${path}/test`);
      for (const deadline = Date.now() + patienceMs; delivery.attempts.length === 0 && Date.now() < deadline; ) {
        await sleep(lookEveryMs);
        delivery = await api.call<Delivery>('GET', `${path}/deliveries/${delivery.id}`);
      }
      const [attempt] = delivery.attempts;
      if (attempt === undefined) {
        const state = stateOf(await api.call<Webhook>('GET', path));
        throw new CliError(
          `Nothing was sent within ${patienceMs / 1_000} s: the webhook is ${state}; is the webhooks process running? (delivery ${delivery.id})`,
        );
      }
      if (delivery.status !== 'delivered') {
        const advice = adviceOn(attempt, await api.call<Webhook>('GET', path));
        throw new CliError(`${outcomeOf(delivery)} (delivery ${delivery.id}, ${progressOf(delivery)}).${advice && `\n${advice}`}`);
      }
      note(
        `Delivered: the receiver answered ${attempt.status} after ${Math.round(attempt.latencyMs)} ms (webhook-id ${delivery.eventId}).`,
      );
    });
