import { describe, expect, it } from 'vitest';
import { psqlByHand } from './psql-by-hand.js';

const standpoint = {
  workspace: '/home/anna/milepost/',
  standsIn: '/home/anna/milepost/docs',
  dataFolder: '/home/anna/milepost/.milepost',
  issueCommand: '',
};

describe('psqlByHand', () => {
  it('asks the running stack for the password', () => {
    expect(psqlByHand(standpoint)).toBe('psql "$(npx milepost stack databaseUrl)"');
  });

  it('names a data folder of one’s own, and every path outside the checkout', () => {
    expect(psqlByHand({ ...standpoint, standsIn: '/tmp', dataFolder: '/var/tmp/my data' })).toBe(
      `psql "$(MILEPOST_DATA_DIR='/var/tmp/my data' node /home/anna/milepost/apps/cli/bin/milepost.js stack databaseUrl)"`,
    );
  });
});
