import { UsageError } from '@milepost/runtime';
import { describe, expect, it } from 'vitest';
import * as fuzz from '../fuzz/options.js';
import * as simulation from '../simulation/options.js';
import * as alerts from './alerts/options.js';
import * as broker from './broker/options.js';
import * as catchUp from './catch-up/options.js';
import * as conditions from './conditions/options.js';
import * as ingest from './ingest/options.js';
import * as pipeline from './pipeline/options.js';

const programs = { alerts, broker, catchUp, conditions, fuzz, ingest, pipeline, simulation };

describe.each(Object.entries(programs))('%s', (_, { parseOptions, usage }) => {
  const numbers = [...usage.matchAll(/^ {2}--([a-z-]+) [NP] /gm)].map(([, name]) => name ?? '');

  it.each(numbers)('--%s takes no empty value, which would be 0', (name) => {
    const refusal = (given: string) => {
      try {
        return parseOptions([`--${name}=${given}`]);
      } catch (error) {
        return error;
      }
    };
    for (const given of ['', ' ', 'many']) {
      expect(refusal(given)).toBeInstanceOf(UsageError);
      expect(refusal(given)).toHaveProperty('message', expect.stringMatching(`^--${name} takes a (whole )?number .*, not "${given}"\\.$`));
    }
  });
});
