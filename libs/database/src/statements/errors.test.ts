import { describe, expect, it } from 'vitest';
import { asksForReconnect, classifyDatabaseError, isTemporary } from './errors.js';

const withCode = (code: string, constraint?: string) => Object.assign(new Error(code), { code, ...(constraint ? { constraint } : {}) });

describe('classifyDatabaseError', () => {
  it.each(['08006', '25006', '25P03', '25P04', '26000', '40001', '40P01', '53100', '55P03', '57P01', '58030'])(
    'retries %s, which says nothing about the data',
    (code) => {
      expect(classifyDatabaseError(withCode(code))).toBe('retry');
    },
  );

  it('retries what the socket or the pool says, which has no SQLSTATE', () => {
    expect(['ECONNRESET', 'EPIPE'].map((code) => classifyDatabaseError(withCode(code)))).toEqual(['retry', 'retry']);
    expect(['ECONNRESET', 'EPIPE'].map((code) => asksForReconnect(withCode(code)))).toEqual([true, true]);
    expect(classifyDatabaseError(new Error('timeout exceeded when trying to connect'))).toBe('retry');
  });

  it('halves a batch that took too long', () => {
    expect(classifyDatabaseError(withCode('57014'))).toBe('halve');
    expect(classifyDatabaseError(new Error('Query read timeout'))).toBe('halve');
  });

  it('takes a check violation without a constraint name for a missing partition', () => {
    expect(classifyDatabaseError(withCode('23514'))).toBe('missing-partition');
    expect(classifyDatabaseError(withCode('23514', 'vehicles_vehicle_id_check'))).toBe('bisect');
  });

  it.each(['22003', '22P02', '23502', '54000'])('looks for the row that cannot be stored after %s', (code) => {
    expect(classifyDatabaseError(withCode(code))).toBe('bisect');
  });

  it.each(['21000', '42P01', '42501', '28P01', '3D000', 'XX000', 'ZZ999'])('stops at %s and blames no record', (code) => {
    expect(classifyDatabaseError(withCode(code))).toBe('stop');
  });

  it('stops at a bug of ours', () => {
    expect(classifyDatabaseError(new TypeError('x is not a function'))).toBe('stop');
  });
});

describe('isTemporary', () => {
  it('waits for a Postgres that is away, starts or is slow', () => {
    expect([withCode('ECONNREFUSED'), withCode('57P03'), withCode('57014')].map(isTemporary)).toEqual([true, true, true]);
  });

  it('does not wait where the answer is no, nor where it is ours', () => {
    const refused = Object.assign(new Error('filled from another Kafka'), { code: 'foreign_cluster', retriable: false });
    expect([withCode('42P01'), withCode('28P01'), new TypeError('x'), refused].map(isTemporary)).toEqual([false, false, false, false]);
  });
});
