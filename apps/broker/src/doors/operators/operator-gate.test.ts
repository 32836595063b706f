import type { AccessControl, User } from '@milepost/access';
import { parseAcl } from '@milepost/access';
import type { Connect } from '@milepost/mqtt';
import { describe, expect, test, vi } from 'vitest';
import type { Access } from '../../clients/access.js';
import { LoginThrottle } from './login-throttle.js';
import { OperatorGate } from './operator-gate.js';

const password = { n: 32_768, r: 8, p: 1, salt: Buffer.alloc(16), hash: Buffer.alloc(32) };
const anna: User = { name: 'anna', organisation: 'acme', disabled: false, password };
const ACL = 'pattern read fleet/+/location\npattern readwrite fleet/#\npattern write $SYS/#';

function door() {
  const state = { stands: true, acl: parseAcl(ACL, 'acl') };
  const control: AccessControl = {
    userCount: 1,
    waitingCount: 0,
    login: (name, given) =>
      Promise.resolve(name === 'anna' && String(given) === 'right' ? { kind: 'right', user: anna } : { kind: 'wrong' }),
    rightsOf: (user, clientId) => state.acl.rightsOf(user.name, clientId),
    stands: () => state.stands,
    onChange: () => () => undefined,
    reload: () => Promise.resolve(),
    close: () => undefined,
  };
  const refused = vi.fn();
  const throttle = new LoginThrottle({ maxFailures: 3, windowMs: 60_000, maxAddresses: 10 });
  return {
    state,
    refused,
    gate: (address = '192.0.2.1') => new OperatorGate(address, { control, throttle, maxClientIdBytes: 30, refusals: { refused } }),
  };
}

const now = new Date();

const connect = (more: Partial<Connect> = {}): Connect => ({
  type: 'connect',
  protocolVersion: 5,
  clientId: 'desk',
  cleanStart: true,
  keepAliveSeconds: 60,
  properties: {},
  userName: 'anna',
  password: Buffer.from('right'),
  ...more,
});

async function admitted(gate: OperatorGate, more: Partial<Connect> = {}): Promise<Access> {
  const outcome = await gate.admit(connect(more));
  if (!outcome.ok) throw new Error(outcome.detail);
  return outcome.access;
}

describe('an operator', () => {
  test('comes in with name and password, into its organisation', async () => {
    expect(await admitted(door().gate())).toMatchObject({ organisation: 'acme', clientId: 'desk', key: 'operator/acme/anna/desk' });
  });

  test('is given a client id when it sends none', async () => {
    expect((await admitted(door().gate(), { clientId: '' })).clientId).not.toBe('');
  });

  test('may have a client id of as many bytes as are allowed, and no more: 0x85, and on record', async () => {
    expect(await admitted(door().gate(), { clientId: 'ü'.repeat(15) })).toMatchObject({ clientId: 'ü'.repeat(15) });
    const refused = { ok: false, reasonCode: 0x85, reason: 'client_id_too_long' };
    expect(
      await door()
        .gate()
        .admit(connect({ clientId: `${'ü'.repeat(15)}x` })),
    ).toMatchObject(refused);
  });

  test.each([{ password: Buffer.from('wrong') }, { userName: 'berta' }])('is refused with 0x86 otherwise', async (more) => {
    expect(await door().gate().admit(connect(more))).toMatchObject({ ok: false, reasonCode: 0x86, reason: 'bad_login' });
  });

  test('whose login is wrong is on record with the name that was tried, cut and without what a terminal obeys, and never with the password', async () => {
    const { gate, refused } = door();
    const it = gate();
    await it.admit(connect({ userName: `berta\u001b[2J${'x'.repeat(1_000)}`, password: Buffer.from('secret') }));
    it.report('bad_login', 'user name or password is wrong');
    const [[attempt]] = refused.mock.calls as [[{ commonName: string }]];
    expect(attempt).toMatchObject({ reason: 'bad_login', commonName: expect.stringMatching(/^berta\ufffd\[2Jx+…$/) });
    expect(attempt.commonName).toHaveLength(256);
    expect(JSON.stringify(refused.mock.calls)).not.toContain('secret');
  });

  test('is told of the door when it sends no user name: a vehicle at the wrong port, which is no guess of a password', async () => {
    const { gate } = door();
    for (let attempt = 0; attempt < 5; attempt++) {
      const { userName: _, password: __, ...nameless } = connect();
      expect(await gate().admit(nameless)).toMatchObject({
        ok: false,
        reasonCode: 0x86,
        reason: 'no_login',
        detail: expect.stringContaining('wrong port'),
      });
    }
    expect(await gate().admit(connect())).toMatchObject({ ok: true });
  });

  test('is refused when the user went while its password was judged: who looked at open connections then did not see it', async () => {
    const { state, gate } = door();
    const admittance = gate().admit(connect());
    state.stands = false;
    expect(await admittance).toMatchObject({ ok: false, reasonCode: 0x86, reason: 'bad_login' });
  });

  test('is refused with 0x9F, with the right password too, when its address failed too often', async () => {
    const { gate } = door();
    for (let attempt = 0; attempt < 3; attempt++) await gate().admit(connect({ password: Buffer.from('guess') }));
    expect(await gate().admit(connect())).toMatchObject({ ok: false, reasonCode: 0x9f, reason: 'too_many_logins' });
  });

  test('is told of no more guesses when all of them come at once, and not of the one that is right', async () => {
    const { gate } = door();
    const guesses = ['a', 'b', 'c', 'd', 'right'].map((guess) => gate().admit(connect({ password: Buffer.from(guess) })));
    const reasons = (await Promise.all(guesses)).map((outcome) => (outcome.ok ? 'let in' : outcome.reason));
    expect(reasons).toEqual(['bad_login', 'bad_login', 'bad_login', 'too_many_logins', 'too_many_logins']);
  });

  test('is refused with 0x9F when others of its IPv6 network failed too often', async () => {
    const { gate } = door();
    for (let host = 1; host <= 3; host++) await gate(`2001:db8::${host}`).admit(connect({ password: Buffer.from('guess') }));
    expect(await gate('2001:db8::9').admit(connect())).toMatchObject({ ok: false, reasonCode: 0x9f });
    expect(await gate('2001:db8:0:1::9').admit(connect())).toMatchObject({ ok: true });
  });

  test.each([
    ['on', 3_600_000],
    ['back', -3_600_000],
  ])('that failed too often is refused as long as ever though somebody sets the clock %s', async (_way, ms) => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    try {
      const { gate } = door();
      for (let attempt = 0; attempt < 3; attempt++) await gate().admit(connect({ password: Buffer.from('guess') }));
      vi.setSystemTime(Date.now() + ms);
      vi.advanceTimersByTime(59_000);
      expect(await gate().admit(connect())).toMatchObject({ ok: false, reasonCode: 0x9f });
      vi.advanceTimersByTime(1_000);
      expect(await gate().admit(connect())).toMatchObject({ ok: true });
    } finally {
      vi.useRealTimers();
    }
  });

  test('never publishes where vehicles speak, nor on $SYS, whatever the ACL says', async () => {
    const access = await admitted(door().gate());
    expect(access.routeOf('fleet/truck-1/commands/unlock')).toBeDefined();
    for (const topic of ['fleet/truck-1/location', 'fleet/truck-1/commands/results', '$SYS/x']) {
      expect(access.routeOf(topic)).toBeUndefined();
    }
  });

  test('is told why it may not publish there', async () => {
    const access = await admitted(door().gate());
    expect(access.whyNoRoute('$SYS/x')).toContain("the broker's own");
    expect(access.whyNoRoute('fleet/truck-1/location')).toContain('Only the vehicle itself');
    expect(access.whyNoRoute('elsewhere')).toContain('The ACL does not grant');
  });

  test('is refused with a will that it may not publish', async () => {
    const will = { topic: 'fleet/truck-1/status', payload: Buffer.alloc(0), qos: 0 as const, retain: false, properties: {} };
    expect(await door().gate().admit(connect({ will }))).toMatchObject({ ok: false, reasonCode: 0x87 });
  });

  test('has to go when it is removed: 0x98', async () => {
    const { gate, state } = door();
    const it = gate();
    await admitted(it);
    expect(it.recheck(now, [])).toBeUndefined();
    state.stands = false;
    expect(it.recheck(now, [])).toMatchObject({ reasonCode: 0x98 });
  });

  test('follows the ACL: has to go when it may no longer read what it subscribed to, and stays otherwise', async () => {
    const { gate, state } = door();
    const it = gate();
    const access = await admitted(it);
    const filters = ['fleet/+/location'];
    expect(access.maySubscribe('fleet/+/location')).toBe(true);
    state.acl = parseAcl('pattern read fleet/+/location', 'acl');
    expect(it.recheck(now, filters)).toBeUndefined();
    expect(access.maySubscribe('fleet/#')).toBe(false);
    expect(access.routeOf('fleet/truck-1/commands/unlock')).toBeUndefined();
    state.acl = parseAcl('', 'acl');
    expect(it.recheck(now, filters)).toMatchObject({ reasonCode: 0x87 });
  });

  test('stays with thousands of subscriptions, as long as it may make each of them', async () => {
    const { gate, state } = door();
    const it = gate();
    const access = await admitted(it);
    const filters = Array.from({ length: 3_000 }, (_, index) => `fleet/truck-${index}/location`);
    expect(filters.every((filter) => access.maySubscribe(filter))).toBe(true);
    expect(it.recheck(now, filters)).toBeUndefined();
    state.acl = parseAcl('pattern read fleet/+/location', 'acl');
    expect(it.recheck(now, filters)).toBeUndefined();
    state.acl = parseAcl('pattern read fleet/+/location\npattern deny fleet/truck-2999/location', 'acl');
    expect(it.recheck(now, filters)).toMatchObject({ reasonCode: 0x87 });
  });

  test('is not judged filter by filter each time when its rights are as they were', async () => {
    const { gate } = door();
    const it = gate();
    await admitted(it);
    const looked = vi.fn(function* () {
      yield 'fleet/#';
    });
    expect(it.recheck(now, { [Symbol.iterator]: looked })).toBeUndefined();
    expect(looked).not.toHaveBeenCalled();
  });
});
