import type { Problem } from '@milepost/contracts';

/** Fields of a body of the API, as the options of every command that sends them are called. */
const options: Readonly<Record<string, string>> = {
  url: 'the URL',
  eventTypes: '--types',
  vehicleIds: '--vehicles',
  groupIds: '--groups',
  format: '--format',
  headers: '--header',
  description: '--description',
  vehicleId: '--vehicle',
  groupId: '--group',
  types: '--type',
  from: '--from',
  until: '--until',
  since: '--since',
  before: '--before',
  reason: '--reason',
  note: '--note',
  overlapSeconds: '--overlap',
};

/** Parameters of the API that are options of every command that sends them, under the same name. */
const parameters: ReadonlySet<string> = new Set(['cursor', 'from', 'limit', 'since', 'status', 'type', 'types']);

/** Commands that list what the API lists at a path; vehicles have none. */
const lists: Readonly<Record<string, string>> = {
  '/v1/alerts': 'alerts list',
  '/v1/incidents': 'incidents list',
  '/v1/mutes': 'mutes list',
  '/v1/webhooks': 'webhooks list',
};

/** What the API refused, for somebody at a command line: a line for each fault, with the option that is at fault, and commands for paths. */
export function inCommandLineWords({ detail, errors = [] }: Problem): string {
  const lines = errors.map(
    ({ pointer, parameter, message }) => `${pointer === undefined ? ofParameter(parameter) : optionOf(pointer)}: ${message}`,
  );
  return (lines.length === 0 ? detail : lines.join('\n')).replaceAll(
    /GET (\/v1\/[\w/-]+)/g,
    (request, path: string) => commandFor(path) ?? request,
  );
}

function ofParameter(name = 'the request'): string {
  return parameters.has(name) ? `--${name}` : name;
}

function optionOf(pointer: string): string {
  const [, field = '', ...rest] = pointer.split('/');
  const option = options[field];
  if (option === undefined) return pointer;
  // Lists are given in one option: whose item it is stands in the message, or is its number.
  const [index] = rest;
  return index !== undefined && /^\d+$/.test(index) ? `${option}, number ${Number(index) + 1}` : option;
}

function commandFor(path: string): string | undefined {
  const [, webhook] = /^\/v1\/webhooks\/([\w-]+)\/deliveries$/.exec(path) ?? [];
  const command = webhook === undefined ? lists[path] : `webhooks deliveries ${webhook}`;
  return command === undefined ? undefined : `\`npx milepost ${command}\``;
}
