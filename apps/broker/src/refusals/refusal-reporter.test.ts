import { createLogger } from '@milepost/runtime';
import { Registry } from 'prom-client';
import { describe, expect, test, vi } from 'vitest';
import { MemoryLog } from '../log/memory-log.js';
import { BrokerMetrics } from '../metrics.js';
import { PresencePublisher } from '../presence/presence-publisher.js';
import { certificateAttempt, RefusalReporter } from './refusal-reporter.js';

function reporter() {
  const log = new MemoryLog({ partitions: 1 });
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({ app: 'test', destination: { write: (line: string) => void lines.push(JSON.parse(line)) } });
  const publisher = new PresencePublisher({ log, node: 'node-a', epoch: 1, partitions: 1 });
  const it = new RefusalReporter({
    publisher,
    log,
    operatorOrganisation: 'operators',
    metrics: new BrokerMetrics(new Registry()),
    logger,
  });
  return { log, it, lines, records: () => log.records.map(({ value }) => JSON.parse(String(value)) as Record<string, unknown>) };
}

describe('a refused attempt', () => {
  test('is recorded with its remedy; nobody vouched for it, so it belongs to the operators', () => {
    const { it, records } = reporter();
    const refusal = {
      reason: 'unknown_ca' as const,
      detail: '',
      commonName: 'truck-1',
      claimedOrganisation: 'acme',
      notAfter: new Date('x'),
    };
    it.refused(certificateAttempt(refusal, '192.0.2.1'), 'why');
    expect(records()).toMatchObject([
      { kind: 'refused', reason: 'unknown_ca', commonName: 'truck-1', organisation: 'operators', address: '192.0.2.1', count: 1 },
    ]);
    expect(records()[0]?.remedy).toMatch(/trusts/);
    expect(records()[0]).not.toHaveProperty('notAfter');
  });

  test('shows of what anybody may claim no more than fits, and nothing that cannot be stored', () => {
    const { it, lines, records } = reporter();
    const claimed = { commonName: 'a\0b\u001b[31m\ud800', issuer: `CN=${'x'.repeat(100_000)}`, serial: 'F'.repeat(100_000) };
    it.refused(certificateAttempt({ reason: 'unknown_ca', detail: 'y'.repeat(100_000), ...claimed }, '192.0.2.1'), 'y'.repeat(100_000));
    expect(records()[0]).toMatchObject({ commonName: 'a\ufffdb\ufffd[31m\ufffd', issuer: `CN=${'x'.repeat(252)}…` });
    expect(JSON.stringify(records()).length).toBeLessThan(2_000);
    expect(JSON.stringify(lines).length).toBeLessThan(2_000);
  });

  test('belongs to the organisation that a trusted CA vouches for', () => {
    const { it, records } = reporter();
    it.refused(certificateAttempt({ reason: 'revoked', detail: '', organisation: 'acme' }, '192.0.2.1'), 'why');
    expect(records()).toMatchObject([{ organisation: 'acme' }]);
  });

  test('is logged once for its record, and the last ones at the end', () => {
    const { it, lines, records } = reporter();
    for (let n = 0; n < 5; n++) it.refused({ address: '192.0.2.1', reason: 'no_certificate' }, 'why');
    it.close();
    expect(lines.map(({ event, count }) => [event, count])).toEqual([
      ['broker.connection.refused', 1],
      ['broker.connection.refused', 4],
    ]);
    expect(records().map(({ count }) => count)).toEqual([1, 4]);
  });

  test('is only logged while Kafka does not answer', () => {
    const { it, log, lines, records } = reporter();
    log.pause();
    log.lastAnswerAtMs = performance.now() - 5_000;
    it.refused({ address: '192.0.2.1', reason: 'overloaded' }, 'why');
    expect(lines).toHaveLength(1);
    expect(records()).toEqual([]);
  });

  test.each([
    ['on', 3_600_000],
    ['back', -3_600_000],
  ])('is recorded as ever though somebody sets the clock %s', (_way, ms) => {
    vi.useFakeTimers({ toFake: ['Date', 'performance', 'setInterval', 'clearInterval'] });
    try {
      const { it, records } = reporter();
      it.refused({ address: '192.0.2.1', reason: 'no_certificate' }, 'why');
      vi.setSystemTime(Date.now() + ms);
      it.refused({ address: '192.0.2.2', reason: 'no_certificate' }, 'why');
      it.refused({ address: '192.0.2.1', reason: 'no_certificate' }, 'why');
      expect(records()).toHaveLength(2);
      vi.advanceTimersByTime(11_000);
      expect(records()).toHaveLength(3);
      it.close();
    } finally {
      vi.useRealTimers();
    }
  });
});
