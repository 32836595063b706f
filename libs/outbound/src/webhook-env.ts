import { env } from '@milepost/runtime';

/** Read by everybody who registers or calls webhooks, so that both judge alike. */
export const webhookEnv = {
  WEBHOOK_ALLOW: env.list({
    default: [],
    description:
      'Networks (CIDR, comma-separated) that webhooks may reach although they are not public, and over plain http and any port; empty: none',
  }),
};
