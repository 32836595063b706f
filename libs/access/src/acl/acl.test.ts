import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAcl } from './acl.js';

const acl = (...lines: string[]) => parseAcl(lines.join('\n'), 'acl');
const FLEET = acl(
  '# everybody sees positions and has a corner of its own',
  'pattern read fleet/+/location',
  'pattern readwrite tools/%u/%c/#',
  '',
  'user dispatch',
  'topic write fleet/+/commands/#',
  'topic read $SYS/#',
  '  topic deny fleet/vip/# ',
  'user dispatch',
  'topic read with spaces/#',
);

describe('what an ACL grants', () => {
  it('is what a rule grants, and nothing else', () => {
    expect(FLEET.maySubscribe('anna', 'c', 'fleet/+/location')).toBe(true);
    expect(FLEET.maySubscribe('anna', 'c', 'fleet/truck-1/location')).toBe(true);
    expect(FLEET.maySubscribe('anna', 'c', 'fleet/#')).toBe(false);
    expect(FLEET.maySubscribe('anna', 'c', '#')).toBe(false);
    expect(FLEET.mayPublish('anna', 'c', 'fleet/truck-1/location')).toBe(false);
    expect(FLEET.mayPublish('dispatch', 'c', 'fleet/truck-1/commands/unlock')).toBe(true);
    expect(FLEET.maySubscribe('dispatch', 'c', 'fleet/truck-1/commands/unlock')).toBe(false);
    expect(FLEET.maySubscribe('dispatch', 'c', 'with spaces/x')).toBe(true);
    expect(acl().maySubscribe('anna', 'c', 'a')).toBe(false);
  });

  it('is none of $SYS unless it says so', () => {
    expect(acl('pattern read #').maySubscribe('anna', 'c', '$SYS/broker/uptime')).toBe(false);
    expect(acl('pattern read #').maySubscribe('anna', 'c', '$SYS/#')).toBe(false);
    expect(FLEET.maySubscribe('dispatch', 'c', '$SYS/#')).toBe(true);
    expect(FLEET.maySubscribe('anna', 'c', '$SYS/#')).toBe(false);
  });

  it('gives way to a deny: for topics in it, and for filters that reach into it', () => {
    expect(FLEET.maySubscribe('dispatch', 'c', 'fleet/vip/location')).toBe(false);
    expect(FLEET.maySubscribe('dispatch', 'c', 'fleet/+/location')).toBe(false);
    expect(FLEET.maySubscribe('dispatch', 'c', 'fleet/truck-1/location')).toBe(true);
    expect(FLEET.mayPublish('dispatch', 'c', 'fleet/vip/commands/unlock')).toBe(false);
  });

  it('holds for shared filters as for what they share', () => {
    expect(FLEET.maySubscribe('anna', 'c', '$share/group/fleet/+/location')).toBe(true);
    expect(FLEET.maySubscribe('anna', 'c', '$share/group/fleet/#')).toBe(false);
    expect(FLEET.maySubscribe('dispatch', 'c', '$share/group/fleet/vip/location')).toBe(false);
    expect(FLEET.maySubscribe('anna', 'c', '$share/group')).toBe(false);
  });
});

describe('%u and %c', () => {
  it('stand for user name and client id', () => {
    expect(FLEET.mayPublish('anna', 'desk-7', 'tools/anna/desk-7/x')).toBe(true);
    expect(FLEET.mayPublish('anna', 'desk-7', 'tools/anna/desk-8/x')).toBe(false);
    expect(FLEET.mayPublish('berta', 'desk-7', 'tools/anna/desk-7/x')).toBe(false);
    expect(acl('pattern read 100%/%u').maySubscribe('anna', 'c', '100%/anna')).toBe(true);
  });

  it.each(['+', '#', 'a/b', 'a+', '', 'a\0'])('with the value %j match nothing', (clientId) => {
    const rights = acl('pattern readwrite x/%c/y', 'pattern readwrite x/%c').rightsOf('anna', clientId);
    for (const topic of ['x/a/y', 'x/y', 'x//y', 'x/a/b/y', `x/${clientId}/y`, `x/${clientId}`, 'x/a']) {
      expect(rights.mayPublish(topic)).toBe(false);
      expect(rights.maySubscribe(topic)).toBe(false);
    }
  });

  it('never reach $SYS or a shared group by a value that begins with $', () => {
    const own = acl('pattern readwrite %c/#');
    expect(own.maySubscribe('anna', '$SYS', '$SYS/#')).toBe(false);
    expect(own.maySubscribe('anna', 'c$', 'c$/#')).toBe(true);
  });

  it('in a deny that cannot be filled deny everything', () => {
    const rules = acl('pattern readwrite data/#', 'pattern deny data/%c/private');
    expect(rules.mayPublish('anna', 'c', 'data/x')).toBe(true);
    expect(rules.mayPublish('anna', 'a/b', 'data/x')).toBe(false);
  });

  it('whatever their values are, grant no more than the pattern with + in their place', () => {
    const [narrow, wide] = [acl('pattern readwrite x/%c/y/%u'), acl('pattern readwrite x/+/y/+')];
    const level = fc.constantFrom('x', 'y', 'a', '+', '#', '$', '');
    const value = fc.array(fc.constantFrom('a', '+', '#', '/', '$', '%u', '%c'), { maxLength: 3 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(value, value, fc.array(level, { minLength: 1, maxLength: 5 }), (user, clientId, levels) => {
        const topic = levels.join('/');
        if (narrow.mayPublish(user, clientId, topic)) expect(wide.mayPublish(user, clientId, topic)).toBe(true);
        if (narrow.maySubscribe(user, clientId, topic)) expect(wide.maySubscribe(user, clientId, topic)).toBe(true);
      }),
    );
  });
});

describe('a wrong ACL is refused with its line', () => {
  it.each([
    ['topic read a', /line 2: topic lines belong to a user/],
    ['user', /line 2: "" is no user name/],
    ['user a b', /line 2: "a b" is no user name/],
    ['usr a', /line 2: "usr" is none of user, pattern, topic/],
    ['pattern a/b', /line 2: "a\/b" is none of read, write, readwrite, deny/],
    ['pattern read', /line 2: "" is no topic filter/],
    ['pattern read a/#/b', /line 2: "a\/#\/b" is no topic filter/],
    ['pattern read a/x+', /no topic filter/],
    ['pattern read $share/g/a', /without \$share/],
  ])('%s', (line, message) => expect(() => acl('# first', line)).toThrow(message));

  it('names the file', () => expect(() => parseAcl('x', '/etc/acl')).toThrow(/^The ACL in \/etc\/acl cannot be used/));
});

describe('the rights of a user after the file was read again', () => {
  const before = acl('user anna', 'topic read a', 'topic write b', 'topic deny c').rightsOf('anna', 'desk');

  it('are the same when it says the same of this user, whatever it says of others', () => {
    expect(
      acl('user anna', 'topic read a', 'topic write b', 'topic deny c', 'user berta', 'topic read #')
        .rightsOf('anna', 'desk')
        .equals(before),
    ).toBe(true);
  });

  it.each([
    ['topic read a', 'topic write b'],
    ['topic read a', 'topic write b', 'topic deny d'],
    ['topic readwrite a', 'topic write b', 'topic deny c'],
    ['topic read a', 'topic read z', 'topic write b', 'topic deny c'],
  ])('are others with %s, %s', (...rules) => {
    expect(
      acl('user anna', ...rules)
        .rightsOf('anna', 'desk')
        .equals(before),
    ).toBe(false);
  });
});
