import { parseConfig } from '@milepost/runtime';
import { expect, test } from 'vitest';
import { configSchema } from './config.js';

test.each(['NETWORK_LOSS_EVERY_S', 'NETWORK_LOSS_SECONDS'])(
  '%s is a day at most: a timer of Node that is longer than 24.8 days runs out at once',
  (variable) => {
    expect(() => parseConfig(configSchema, { [variable]: '86401' })).toThrow(new RegExp(variable));
    expect(parseConfig(configSchema, { [variable]: '86400' })).toMatchObject({ [variable]: 86_400 });
  },
);
