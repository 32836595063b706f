import { type PolicySettings, PolicySettingsSchema, windowWithoutTime } from '@milepost/contracts';
import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import { CliError, exitCodes } from '../cli-error.js';

const PoliciesSchema = Type.Object(
  {
    policies: Type.Array(
      Type.Object(
        {
          organisation: Type.Optional(Type.String({ minLength: 1 })),
          group: Type.Optional(Type.String({ minLength: 1 })),
          vehicleId: Type.Optional(Type.String({ minLength: 1 })),
          priority: Type.Optional(Type.Integer({ minimum: -1_000, maximum: 1_000 })),
          settings: PolicySettingsSchema,
        },
        { additionalProperties: false },
      ),
      { maxItems: 10_000 },
    ),
  },
  { additionalProperties: false },
);

/**
 * What a policy file says: the settings of one organisation, whose groups and vehicles keep what was said for them; or every policy of
 * the organisations that are named.
 */
export type PolicyFile =
  | { kind: 'settings'; settings: PolicySettings }
  | { kind: 'policies'; policies: Static<typeof PoliciesSchema>['policies'] };

/** @param text JSON. @throws CliError that says what is wrong with it, and where. */
export function readPolicyFile(name: string, text: string): PolicyFile {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new CliError(`${name} is not JSON: ${cause instanceof Error ? cause.message : cause}`, exitCodes.usage, { cause });
  }
  const isList = typeof content === 'object' && content !== null && 'policies' in content;
  if (isList && Value.Check(PoliciesSchema, content)) {
    const both = content.policies.findIndex(({ group, vehicleId }) => group !== undefined && vehicleId !== undefined);
    if (both >= 0) throw new CliError(`${name}: /policies/${both} names a group and a vehicle; name one of them.`, exitCodes.usage);
    for (const [index, { settings }] of content.policies.entries()) refuseEmptyWindow(name, settings, `/policies/${index}/settings`);
    return { kind: 'policies', policies: content.policies };
  }
  if (!isList && Value.Check(PolicySettingsSchema, content)) {
    refuseEmptyWindow(name, content, '');
    return { kind: 'settings', settings: content };
  }
  const [first] = Value.Errors(isList ? PoliciesSchema : PolicySettingsSchema, content);
  // What a schema does not allow at all has the schema `false`.
  const why = first?.keyword === 'boolean' ? 'is nothing that a policy says' : first?.message;
  throw new CliError(
    `${name}: ${first?.instancePath || '/'} ${why}. It must be settings like {"graceSeconds": 60}, or {"policies": [{"organisation", "group" or "vehicleId", "settings"}]}.`,
    exitCodes.usage,
  );
}

function refuseEmptyWindow(name: string, settings: PolicySettings, at: string): void {
  const index = windowWithoutTime(settings);
  if (index === undefined) return;
  throw new CliError(`${name}: ${at}/maintenanceWindows/${index}/to must be later than from.`, exitCodes.usage);
}
