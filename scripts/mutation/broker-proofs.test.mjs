import { beforeEach, describe, expect, test } from 'vitest';
import { root } from '../prepare.mjs';
import { BrokerProofs, brokerTestFiles } from './broker-proofs.mjs';

const SESSIONS = 'apps/broker/src/sessions/sessions.test.ts';
const WILLS = 'apps/broker/src/wills/wills.test.ts';

/** As the test runner calls them. */
const resumes = `${SESSIONS}#a session at level 5 resumes [MQTT-1]`;
const resumesAt4 = `${SESSIONS}#a session at level 4 resumes [MQTT-1]`;
const ends = `${SESSIONS}#a session ends [MQTT-2]`;
const will = `${WILLS}#a will is published, once [MQTT-3, MQTT-4]`;

/** Four statements, and the first at the older level too. */
const held = new Map([
  ['MQTT-1', [{ file: SESSIONS, number: 'MQTT-1' }]],
  ['MQTT-2', [{ file: SESSIONS, number: 'MQTT-2' }]],
  ['MQTT-3', [{ file: WILLS, number: 'MQTT-3' }]],
  ['MQTT-4', [{ file: WILLS, number: 'MQTT-4' }]],
  ['v3 MQTT-1', [{ file: SESSIONS, number: 'MQTT-1' }]],
]);

let proofs;
beforeEach(() => {
  proofs = new BrokerProofs(held);
});

const mutant = (killedBy, { file = 'apps/broker/src/a.ts', coveredBy = killedBy } = {}) => ({
  fileName: `${root}${file}`,
  killedBy,
  coveredBy,
});

test('the tests that are asked are the broker’s, each file once', () => {
  const files = brokerTestFiles();
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter((file) => !/^apps\/broker\/src\/.*\.test\.ts$/.test(file))).toEqual([]);
  expect(new Set(files).size).toBe(files.length);
});

describe('a statement is proven', () => {
  test('when a test of it failed for a mutant; all are told in the order of the specifications', () => {
    const broken = mutant([ends]);
    proofs.add([mutant(undefined, { coveredBy: [resumes] }), broken]);
    expect(proofs.silent).toEqual(['MQTT-1', 'MQTT-3', 'MQTT-4', 'v3 MQTT-1']);
    expect(proofs.all()).toEqual([
      ['MQTT-1', undefined],
      ['MQTT-2', broken],
      ['MQTT-3', undefined],
      ['MQTT-4', undefined],
      ['v3 MQTT-1', undefined],
    ]);
  });

  test('each of those that the test names', () => {
    proofs.add([mutant([will])]);
    expect(proofs.silent).toEqual(['MQTT-1', 'MQTT-2', 'v3 MQTT-1']);
  });

  test('by the mutant that fails the fewest tests, whichever comes first', () => {
    const [broad, narrow] = [mutant([ends, 'a.test.ts#other']), mutant([ends])];
    proofs.add([broad, narrow, mutant([ends, 'b.test.ts#other'])]);
    expect(new Map(proofs.all()).get('MQTT-2')).toBe(narrow);
  });

  test('at the level that the test runs at, and at both where its name says none', () => {
    proofs.add([mutant([resumes])]);
    expect(proofs.silent).toContain('v3 MQTT-1');
    proofs.add([mutant([resumesAt4])]);
    expect(proofs.silent).not.toContain('v3 MQTT-1');
    proofs = new BrokerProofs(held);
    proofs.add([mutant([`${SESSIONS}#a session resumes [MQTT-1]`])]);
    expect(proofs.silent).toEqual(['MQTT-2', 'MQTT-3', 'MQTT-4']);
  });

  test('not by a test of another file, and not by one that names another statement', () => {
    proofs.add([mutant([`${WILLS}#a session ends [MQTT-2]`]), mutant([`${SESSIONS}#a session ends [MQTT-22]`])]);
    expect(proofs.silent).toEqual([...held.keys()]);
  });

  test('by a mutant that fails no more than half of all statements: beyond that nobody is served any more', () => {
    proofs.add([mutant([resumes, resumesAt4, ends])]);
    expect(proofs.silent).toEqual([...held.keys()]);
    proofs.add([mutant([resumes, ends])]);
    expect(proofs.silent).toEqual(['MQTT-3', 'MQTT-4', 'v3 MQTT-1']);
  });
});

describe('of the blocks that are left', () => {
  const blocks = [
    'apps/broker/src/wide.ts:1-20',
    'apps/broker/src/done.ts:21-40',
    'apps/broker/src/narrow.ts:1-20',
    'apps/broker/src/new.ts:1-9',
  ];

  beforeEach(() => {
    proofs.add([
      mutant([ends], { file: 'apps/broker/src/done.ts' }),
      mutant(undefined, { file: 'apps/broker/src/wide.ts', coveredBy: [will, ends] }),
      mutant(undefined, { file: 'apps/broker/src/narrow.ts', coveredBy: [resumes] }),
    ]);
  });

  test('those are worth asking where tests of a statement without a proof run, or nobody knows yet; the narrowest first', () => {
    expect(proofs.worthAsking(blocks)).toEqual([blocks[3], blocks[2], blocks[0]]);
  });

  test('none is, of files that are known, once every statement that runs there is proven', () => {
    proofs.add([mutant([will]), mutant([resumes])]);
    expect(proofs.worthAsking(blocks)).toEqual([blocks[3]]);
  });
});
