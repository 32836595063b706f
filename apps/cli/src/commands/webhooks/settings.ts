import { type Webhook, webhookFormats } from '@milepost/contracts';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { groupIds } from '../../arguments/group-names.js';
import type { ApiClient } from '../../reaching/api-client.js';

export interface SettingOptions {
  types?: string[];
  vehicles?: string[];
  groups?: string[];
  format?: Webhook['format'];
  header?: Record<string, string>;
  headers?: false;
  description?: string;
}

/** Items of a comma-separated list; an empty text is the empty list. */
const list = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

function header(text: string, before: Record<string, string> = {}): Record<string, string> {
  const colon = text.indexOf(':');
  if (colon < 1) throw new InvalidArgumentError('Give a header like "X-Team: ops".');
  return { ...before, [text.slice(0, colon)]: text.slice(colon + 1).trim() };
}

/** What `create` and `update` can say of an endpoint. */
export function withSettings(command: Command): Command {
  return command
    .option('--types <types>', 'event types that it wants, comma-separated; empty: all', list)
    .option('--vehicles <ids>', 'vehicles whose events it wants, comma-separated; empty: all', list)
    .option('--groups <names>', 'groups of vehicles whose events it wants, comma-separated; empty: none', list)
    .addOption(new Option('--format <format>', 'how events are written').choices(webhookFormats))
    .option('--header <header>', 'sent with each delivery, like "X-Team: ops"; may be given again', header)
    .option('--description <text>', 'what it is for');
}

/** The settings as the API takes them; nothing of what was not given. */
export async function settingsOf(
  api: ApiClient,
  { types, vehicles, groups, format, header: headers, description }: SettingOptions,
): Promise<object> {
  return {
    ...(types && { eventTypes: types }),
    ...(vehicles && { vehicleIds: vehicles }),
    ...(groups && { groupIds: await groupIds(api, groups) }),
    ...(format && { format }),
    ...(headers && { headers }),
    ...(description !== undefined && { description }),
  };
}
