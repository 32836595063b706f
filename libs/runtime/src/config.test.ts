import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { ConfigError, describeConfig, parseConfig } from './config.js';
import { env } from './env.js';

const schema = Type.Object({
  PORT: env.port({ default: 8080, description: 'Where to listen' }),
  BROKERS: env.list({ default: ['a:1'], description: 'Brokers' }),
  VERBOSE: env.boolean({ default: false, description: 'More words' }),
  PASSWORD: Type.Optional(env.string({ description: 'Secret', secret: true, minLength: 8 })),
  URL: env.string({ description: 'Which database' }),
});

describe('parseConfig', () => {
  it('converts each variable to its type and fills in defaults', () => {
    expect(parseConfig(schema, { URL: 'x', PORT: '1', BROKERS: 'a:1, b:2', VERBOSE: 'yes' })).toEqual({
      URL: 'x',
      PORT: 1,
      BROKERS: ['a:1', 'b:2'],
      VERBOSE: true,
    });
    expect(parseConfig(schema, { URL: 'x', PORT: '' })).toEqual({ URL: 'x', PORT: 8080, BROKERS: ['a:1'], VERBOSE: false });
  });

  it('names every wrong variable at once', () => {
    const attempt = () => parseConfig(schema, { PORT: 'eighty', VERBOSE: 'perhaps' });
    expect(attempt).toThrow(ConfigError);
    expect(attempt).toThrow(/PORT: "eighty" must be integer[\s\S]*VERBOSE: "perhaps" must be boolean[\s\S]*URL: is not set/);
  });

  it('names what may be said where only some words may', () => {
    const level = Type.Object({ LEVEL: env.oneOf(['info', 'warn'], { default: 'info', description: 'How much' }) });
    expect(() => parseConfig(level, { LEVEL: 'loud' })).toThrow('LEVEL: "loud" must be one of info, warn. How much');
  });

  it('never prints a secret', () => {
    expect(() => parseConfig(schema, { URL: 'x', PASSWORD: 'hunter2' })).toThrow(/PASSWORD: its value must not have fewer/);
  });

  it('describes each variable as a row', () => {
    expect(describeConfig(schema)[4]).toEqual({ variable: 'URL', type: 'string', default: 'required', description: 'Which database' });
  });
});
