import type { Delivery, Webhook } from '@milepost/contracts';

type Attempt = Pick<Delivery['attempts'][number], 'status' | 'error'>;

/** What to do about an attempt that failed, where its error alone does not say it. `url` as the webhook has it. */
export function adviceOn({ status, error = '' }: Attempt, { id, url }: Pick<Webhook, 'id' | 'url'>): string {
  if (status !== undefined) return adviceOnAnswer(status, id);
  if (error.includes('ECONNREFUSED'))
    return `Nothing listens at ${url}, as the webhooks process sees it: start your receiver.${sampleFor(url)}`;
  if (/ENOTFOUND|EAI_AGAIN/.test(error)) return `No name server knows the host of ${url}: mend it with ${update(id, '--url URL')}.`;
  if (/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|No answer within/.test(error))
    return `Nobody answers at ${url}: does a firewall stand between it and the webhooks process, or does the receiver answer too late?`;
  return '';
}

function adviceOnAnswer(status: number, id: string): string {
  if (status === 401 || status === 403)
    return `Has the receiver this webhook’s secret (\`npx milepost webhooks rotate ${id}\` makes a new one), and the headers it asks for (${update(id, '--header HEADER')})?`;
  if (status >= 300 && status < 400) return `Redirects are not followed: give the URL that it leads to, with ${update(id, '--url URL')}.`;
  return status === 404 || status === 405 ? `The receiver takes no POST at this path: mend it with ${update(id, '--url URL')}.` : '';
}

const update = (id: string, option: string) => `\`npx milepost webhooks update ${id} ${option}\``;

/** The receivers of docs/receivers listen on this machine alone, in plain text. */
function sampleFor(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== 'http:' || !['localhost', '127.0.0.1'].includes(hostname)) return '';
  return ` One to try with, in this checkout: \`WEBHOOK_SECRET=whsec_… python3 docs/receivers/receiver.py ${port || 80}\`.`;
}
