import { describe, expect, it } from 'vitest';
import type { ProtocolVersion, Subscription } from '../packets/packet.js';
import type { OutboundMessage } from '../session/outbound-message.js';
import { type Delivery, Router } from './router.js';

interface Session {
  readonly name: string;
  connected: boolean;
  readonly version: ProtocolVersion;
}

const NOW = 5_000;
const SHARE = '$share/g/a/+';

function on(filter: string, overrides: Partial<Subscription> = {}): Subscription {
  return { filter, qos: 2, noLocal: false, retainAsPublished: false, retainHandling: 0, ...overrides };
}

function message(overrides: Partial<OutboundMessage> = {}): OutboundMessage {
  return { topic: 'a/b', payload: Buffer.from('x'), qos: 1, retain: false, properties: {}, ...overrides };
}

/** Three members of one group, in the order that they subscribed in. */
function group(overrides: readonly Partial<Subscription>[] = [{}, {}, {}]) {
  const router = new Router<Session>();
  const members = overrides.map((own, index) => {
    const member = { name: `m${index}`, connected: true, version: 5 as const };
    router.subscribe(member, on(SHARE, own), undefined, NOW);
    return member;
  });
  const receivers = (count: number) => Array.from({ length: count }, () => names(router.match(message(), undefined))).flat();
  return { router, members: members as [Session, Session, Session], receivers };
}

function names(deliveries: readonly Delivery<Session>[]): string[] {
  return deliveries.map(({ client }) => client.name);
}

describe('a shared subscription', () => {
  it('gives each message to one member, in turn', () => {
    expect(group().receivers(6)).toEqual(['m0', 'm1', 'm2', 'm0', 'm1', 'm2']);
  });

  it('passes over members that are away, unless all are', () => {
    const { members, receivers } = group();
    members[1].connected = false;
    expect(receivers(4)).toEqual(['m0', 'm2', 'm0', 'm2']);
    for (const member of members) member.connected = false;
    expect(receivers(3)).toEqual(['m0', 'm1', 'm2']);
  });

  it('goes on with the turn when a member leaves', () => {
    const { router, members, receivers } = group();
    expect(receivers(2)).toEqual(['m0', 'm1']);
    router.remove(members[0]);
    expect(receivers(3)).toEqual(['m2', 'm1', 'm2']);
    expect(router.unsubscribe(members[1], SHARE)).toBe(true);
    expect(router.unsubscribe(members[1], SHARE)).toBe(false);
    router.remove(members[2]);
    expect(receivers(1)).toEqual([]);
    expect([router.subscriptionCount, router.sharedSubscriptionCount]).toEqual([0, 0]);
  });

  it('sends at the QoS and with the identifier of its member [MQTT-4.8.2-3, MQTT-3.3.4-3]', () => {
    const { router, members } = group([{ qos: 0 }, { qos: 1 }, { qos: 2 }]);
    router.subscribe(members[1], on(SHARE, { qos: 1 }), 7, NOW);
    const copies = [0, 1, 2].flatMap(() => router.match(message({ qos: 2 }), undefined)).map((each) => each.message);
    expect(copies.map(({ qos }) => qos)).toEqual([0, 1, 2]);
    expect(copies.map(({ properties }) => properties.subscriptionIdentifiers)).toEqual([undefined, [7], undefined]);
    expect(copies.every(({ share }) => share === SHARE)).toBe(true);
  });

  it('and a plain one of the same client get a copy each; another group gets its own [MQTT-3.3.4-5]', () => {
    const { router, members } = group();
    router.subscribe(members[0], on('a/b'), undefined, NOW);
    router.subscribe(members[2], on('$share/h/#'), undefined, NOW);
    const deliveries = router.match(message(), undefined);
    expect(deliveries.map(({ client, message: copy }) => `${client.name} ${copy.share ?? 'plain'}`).sort()).toEqual([
      'm0 $share/g/a/+',
      'm0 plain',
      'm2 $share/h/#',
    ]);
    expect(router.unsubscribe(members[0], 'a/b')).toBe(true);
    expect([router.subscriptionCount, router.sharedSubscriptionCount]).toEqual([4, 4]);
  });

  it('gets no retained messages when it is made', () => {
    const { router, members } = group();
    router.retain(message({ retain: true }), NOW);
    const outcome = router.subscribe(members[0], on('$share/new/#'), undefined, NOW);
    expect(outcome.ok && [...outcome.retained]).toEqual([]);
  });

  it('matches no $ topic by a wildcard [MQTT-4.7.2-1]', () => {
    const { router, members } = group();
    router.subscribe(members[0], on('$share/g/#'), undefined, NOW);
    expect(router.match(message({ topic: '$SYS/x' }), undefined)).toEqual([]);
  });
});

describe('a shared message of a session that ended', () => {
  function leftBehind(qos: 0 | 1 | 2) {
    const { router, members } = group([{ qos: 1 }, { qos: 0 }, {}]);
    router.subscribe(members[0], on(SHARE, { qos }), 5, NOW);
    router.subscribe(members[1], on(SHARE, { qos: 0 }), 6, NOW);
    const [delivery] = router.match(message({ qos: 2 }), undefined);
    router.remove(members[0]);
    return { router, members, left: delivery?.message as OutboundMessage };
  }

  it('goes to another member, with what that subscribed for', () => {
    const { router, left } = leftBehind(1);
    expect(left).toMatchObject({ qos: 1, properties: { subscriptionIdentifiers: [5] } });
    const first = router.reassign(left);
    expect(first).toMatchObject({ client: { name: 'm1' }, message: { qos: 0, properties: { subscriptionIdentifiers: [6] } } });
    const second = router.reassign(left);
    expect(second).toMatchObject({ client: { name: 'm2' }, message: { qos: 1, share: SHARE } });
    expect(second?.message.properties).toEqual({});
  });

  it.each([true, false])(
    'has RETAIN as it was published by Retain As Published of the next member, whatever that of the one before was (%s) [MQTT-3.3.1-12, MQTT-3.3.1-13]',
    (retainAsPublished) => {
      const { router, members } = group([{ retainAsPublished }, {}, { retainAsPublished: true }]);
      const [delivery] = router.match(message({ retain: true }), undefined);
      router.remove(members[0]);
      const left = delivery?.message as OutboundMessage;
      expect(left.retain).toBe(retainAsPublished);
      expect(router.reassign(left)?.message).toMatchObject({ share: SHARE, retain: false });
      expect(router.reassign(left)?.message).toMatchObject({ share: SHARE, retain: true });
    },
  );

  it('has RETAIN 0 where it was published with 0, whatever its members asked for', () => {
    const { router, members } = group([{ retainAsPublished: true }, { retainAsPublished: true }]);
    const [delivery] = router.match(message(), undefined);
    router.remove(members[0]);
    expect(router.reassign(delivery?.message as OutboundMessage)?.message.retain).toBe(false);
  });

  it('goes to nobody else at QoS 2 [MQTT-4.8.2-5]', () => {
    const { router, left } = leftBehind(2);
    expect(left.qos).toBe(2);
    expect(router.reassign(left)).toBeUndefined();
  });

  it('goes to nobody when nobody is left, nor when it was never shared', () => {
    const { router, members, left } = leftBehind(1);
    expect(router.reassign(message())).toBeUndefined();
    router.remove(members[1]);
    router.remove(members[2]);
    expect(router.reassign(left)).toBeUndefined();
  });
});

describe('what a session record keeps', () => {
  it('is every subscription with options and identifier, and restoring it is as if it had been made', () => {
    const { router, members } = group();
    router.subscribe(members[0], on('b', { qos: 1, noLocal: true }), 9, NOW);
    const kept = router.subscriptionsOf(members[0]);
    expect(kept).toMatchObject([
      { subscription: on(SHARE), identifier: undefined },
      { subscription: on('b', { qos: 1, noLocal: true }), identifier: 9 },
    ]);
    const restored = new Router<Session>({
      maxMessages: 1,
      maxBytes: 1,
      maxSubscriptionsPerSubscriber: 1,
      maxSubscriptionsInAll: 1,
      maxFilterLevels: 1,
      maxFilterBytesPerSubscriber: 1,
    });
    for (const { subscription, identifier } of kept) restored.restore(members[0], subscription, identifier);
    expect(restored.subscriptionsOf(members[0])).toEqual(kept);
    expect(restored.match(message({ topic: 'b' }), undefined)).toMatchObject([
      { message: { qos: 1, properties: { subscriptionIdentifiers: [9] } } },
    ]);
    expect(names(restored.match(message(), undefined))).toEqual(['m0']);
  });

  it('a subscription of a resumed session is not new: Retain Handling 1 sends nothing [MQTT-3.3.1-10]', () => {
    const router = new Router<Session>();
    const session = { name: 'm0', connected: true, version: 5 as const };
    router.retain(message({ retain: true }), NOW);
    router.restore(session, on('a/b'), undefined);
    const outcome = router.subscribe(session, on('a/b', { retainHandling: 1 }), undefined, NOW);
    expect(outcome.ok && [...outcome.retained]).toEqual([]);
  });
});
