import { fileURLToPath } from 'node:url';
import { UsageError } from '@milepost/runtime';
import { describe, expect, it } from 'vitest';
import { checkStart } from './check-start.js';

describe('checkStart', () => {
  it('takes what makes sense', () => {
    expect(checkStart(['--fleet', '3'], { HTTP_PORT: '18080' })).toMatchObject({
      options: { fleetSize: 3 },
      config: { HTTP_PORT: 18_080 },
    });
    expect(checkStart(['--help'], { HTTP_PORT: 'nonsense' })).toBe('help');
  });

  it.each([
    [['--fleet', 'many'], {}, '--fleet'],
    [['--flet', '3'], {}, '--flet'],
    [[], { HTTP_PORT: 'nonsense' }, 'HTTP_PORT'],
    [[], { HTTP_PORT: '8883' }, 'MQTT_TLS_PORT and HTTP_PORT'],
    [[], { WEBHOOK_ALLOW: 'foo' }, 'WEBHOOK_ALLOW: "foo" is not a network'],
    [[], { KAFKA_BROKERS: 'kafka', DATABASE_URL: 'foo' }, 'KAFKA_BROKERS: "kafka" is not host:port'],
    [[], { MILEPOST_DATA_DIR: fileURLToPath(import.meta.url) }, 'MILEPOST_DATA_DIR'],
    [['--replay', fileURLToPath(new URL('no-such-file.csv', import.meta.url))], {}, '--replay'],
  ])('refuses %j with %j, and says what is wrong', (args, environment, message) => {
    expect(() => checkStart(args, environment)).toThrow(message);
  });

  it('tells a wrong command line, which ends with 2, from a wrong environment, which ends with 1', () => {
    expect(() => checkStart(['--fleet', '-1'], {})).toThrow(UsageError);
    expect(() => checkStart([], { HTTP_PORT: 'nonsense' })).not.toThrow(UsageError);
  });
});
