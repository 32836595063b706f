import { describe, expect, it } from 'vitest';
import { AppStopped, stopped } from './app-stopped.js';

describe('stopped', () => {
  it('says the SQLSTATE, that nothing was passed over and what to start again, and keeps the cause', () => {
    const cause = Object.assign(new Error('permission denied'), { code: '42501' });
    expect(stopped('ingest', 'a batch', cause)).toMatchObject({
      code: 'database_refuses',
      retriable: false,
      cause,
      message: expect.stringMatching(
        /^Postgres refused a batch: permission denied \(SQLSTATE 42501\).*none was passed over.*start ingest again/,
      ),
    });
  });

  it('leaves what has stopped the app already as it is', () => {
    const first = new AppStopped('foreign_cluster', 'no');
    expect(stopped('alerts', 'a batch', first)).toBe(first);
  });
});
