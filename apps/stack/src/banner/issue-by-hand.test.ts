import { describe, expect, it } from 'vitest';
import { issueByHand } from './issue-by-hand.js';

const standpoint = {
  workspace: '/home/anna/milepost/',
  standsIn: '/home/anna/milepost',
  dataFolder: '/home/anna/milepost/.milepost',
  issueCommand: '/usr/bin/node /home/anna/milepost/apps/cli/bin/milepost.js pki issue --pki /home/anna/milepost/.milepost/pki --force',
};

describe('issueByHand', () => {
  it.each(['/home/anna/milepost', '/home/anna/milepost/docs'])('is short in %s, in the checkout', (standsIn) => {
    expect(issueByHand({ ...standpoint, standsIn })).toBe('npx milepost pki issue');
  });

  it('names the certificates of a data folder of one’s own, quoted for the shell', () => {
    expect(issueByHand({ ...standpoint, dataFolder: '/var/tmp/my data' })).toBe("npx milepost pki issue --pki '/var/tmp/my data/pki'");
  });

  it.each(['/home/anna', '/home/anna/milepost-2', '/'])(
    'has every path in %s, where npx finds no milepost, and replaces no key',
    (standsIn) => {
      expect(issueByHand({ ...standpoint, standsIn })).toBe(
        '/usr/bin/node /home/anna/milepost/apps/cli/bin/milepost.js pki issue --pki /home/anna/milepost/.milepost/pki',
      );
    },
  );
});
