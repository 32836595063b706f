import { describe, expect, it } from 'vitest';
import { findingTexts, fine, wrong } from './finding.js';

describe('findingTexts', () => {
  it('puts how to mend it below what is wrong', () => {
    expect(findingTexts([fine('Kafka', 'answers')])).toEqual(['ok    Kafka: answers']);
    expect(findingTexts([wrong('Kafka', 'silent', 'Start it.')])).toEqual(['fail  Kafka: silent\n      → Start it.']);
  });

  it('says once what mends several, below the last of them', () => {
    const findings = [
      wrong('App api', 'dead', 'Look at its log.'),
      fine('Kafka', 'answers'),
      wrong('App ingest', 'dead', 'Look at its log.'),
    ];
    expect(findingTexts(findings)).toEqual([
      'fail  App api: dead',
      'ok    Kafka: answers',
      'fail  App ingest: dead\n      → Look at its log.',
    ]);
  });
});
