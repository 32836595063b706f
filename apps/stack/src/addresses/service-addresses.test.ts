import { describe, expect, it } from 'vitest';
import { requireServiceAddresses } from './service-addresses.js';

describe('requireServiceAddresses', () => {
  it.each([
    [{}],
    [{ KAFKA_BROKERS: '', DATABASE_URL: '' }],
    [{ KAFKA_BROKERS: 'kafka-1:9092, 10.0.0.1:9092,[::1]:9092', DATABASE_URL: 'postgres://owner:secret@db:5432/milepost' }],
    [{ DATABASE_URL: 'postgresql:///milepost?host=/run/postgresql' }],
    [{ DATABASE_URL: 'postgres://owner:secret@/milepost?host=/run/postgresql' }],
    [{ DATABASE_URL: 'postgres://owner:secret@/milepost?host=db' }],
    [{ DATABASE_URL: 'postgres:///milepost', PGHOST: 'db' }],
  ])('takes %j', (environment) => expect(() => requireServiceAddresses(environment)).not.toThrow());

  it('says of both what is wrong, and no password', () => {
    const wrong = () => requireServiceAddresses({ KAFKA_BROKERS: 'kafka,kafka-2:9092,kafka-3:99999', DATABASE_URL: 'owner:hidden@db' });
    expect(wrong).toThrow('KAFKA_BROKERS: "kafka", "kafka-3:99999" is not host:port');
    expect(wrong).toThrow('DATABASE_URL: its value is no address of a Postgres');
    expect(wrong).not.toThrow('hidden');
  });

  it('says how a password is written that ends the address too early', () => {
    expect(() => requireServiceAddresses({ DATABASE_URL: 'postgres://owner:hid#den@db/x' })).toThrow(/\/ as %2F, # as %23/);
  });

  it.each(['foo', 'db:5432/milepost', 'mysql://db/milepost', 'postgres:///milepost', 'postgres://owner:secret@/milepost'])(
    'refuses %s as DATABASE_URL',
    (url) => expect(() => requireServiceAddresses({ DATABASE_URL: url })).toThrow('DATABASE_URL'),
  );
});
