import type { Problem, WebhookUpdateSchema } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { type AllowList, checkCustomHeaders, checkWebhookUrl } from '@milepost/outbound';
import { inArray } from 'drizzle-orm';
import type { Static } from 'typebox';
import type { OrganisationView } from '../database.js';
import { ApiProblem } from '../problems/problem.js';
import { isUuid } from '../shared/ids.js';
import { holdGroups } from '../vehicle-groups/hold-groups.js';

const { vehicleGroups, webhookEndpoints } = schema;

type Settings = Omit<Static<typeof WebhookUpdateSchema>, 'enabled'>;
/** What an endpoint's row keeps of its settings. */
export type Columns = Partial<
  Pick<
    typeof webhookEndpoints.$inferInsert,
    'url' | 'eventTypes' | 'description' | 'format' | 'vehicleIds' | 'groupIds' | 'headers' | 'headerNames'
  >
>;
type Fault = NonNullable<Problem['errors']>[number];

/**
 * What is to be stored of the settings that a body names; until the transaction ends the groups among them are there. To be called before any row is locked.
 * @throws ApiProblem `invalid_request` that points to each one that will not do.
 */
export async function settingsOf(view: OrganisationView, body: Settings, allow: AllowList): Promise<Columns> {
  const { url, eventTypes, description, format, vehicleIds, groupIds, headers } = body;
  if (groupIds && groupIds.length > 0) await holdGroups(view);
  const columns: Columns = {
    ...(eventTypes && { eventTypes }),
    ...(description !== undefined && { description: description === '' ? null : description }),
    ...(format && { format }),
    // Null is "of all": an empty list in the body means the same.
    ...(vehicleIds && { vehicleIds: vehicleIds.length === 0 ? null : vehicleIds }),
    ...(groupIds && { groupIds: groupIds.length === 0 ? null : groupIds }),
  };
  const faults: Fault[] = [];
  if (url !== undefined) {
    const verdict = checkWebhookUrl(url, allow);
    if (verdict.ok) columns.url = verdict.href;
    else faults.push({ pointer: '/url', code: verdict.code, message: verdict.message });
  }
  if (headers !== undefined) {
    const verdict = checkCustomHeaders(headers);
    if (verdict.ok) Object.assign(columns, { headers: verdict.headers, headerNames: Object.keys(verdict.headers) });
    else faults.push(...verdict.refusals.map(({ name, code, message }) => ({ pointer: pointerTo('headers', name), code, message })));
  }
  faults.push(...(await unknownGroups(view, groupIds ?? [])));
  const [first] = faults;
  if (first) throw new ApiProblem('invalid_request', `body ${first.pointer}: ${first.message}`, { errors: faults });
  return columns;
}

async function unknownGroups({ orm }: OrganisationView, ids: readonly string[]): Promise<Fault[]> {
  const possible = ids.filter(isUuid);
  const rows =
    possible.length === 0 ? [] : await orm.select({ id: vehicleGroups.id }).from(vehicleGroups).where(inArray(vehicleGroups.id, possible));
  const known = new Set(rows.map(({ id }) => id));
  return ids.flatMap((id, index) =>
    known.has(id.toLowerCase())
      ? []
      : [{ pointer: `/groupIds/${index}`, code: 'group_not_found', message: `No group of vehicles with the id ${id} is known.` }],
  );
}

/** RFC 6901. */
const pointerTo = (field: string, name: string): string =>
  name === '' ? `/${field}` : `/${field}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
