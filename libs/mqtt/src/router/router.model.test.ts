import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ProtocolVersion, QoS } from '../packets/packet.js';
import type { OutboundMessage } from '../session/outbound-message.js';
import { topicMatches } from '../topics/topic-matches.js';
import { Router } from './router.js';

interface Session {
  readonly name: string;
  connected: boolean;
  readonly version: ProtocolVersion;
}

interface Line {
  readonly client: Session;
  readonly group: string | undefined;
  readonly filter: string;
  readonly qos: QoS;
  readonly noLocal: boolean;
  readonly identifier: number | undefined;
}

const level = fc.constantFrom('a', 'b', '', '$x');
const topicOf = fc
  .array(level, { minLength: 1, maxLength: 4 })
  .map((levels) => levels.join('/'))
  .filter((topic) => topic !== '');
const filterOf = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([levels, hash]) => [...levels, ...(hash ? ['#'] : [])].join('/'))
  .filter((filter) => filter !== '');
const qosOf = fc.constantFrom<QoS>(0, 1, 2);
const step = fc.record({
  kind: fc.constantFrom('subscribe', 'subscribe', 'subscribe', 'unsubscribe', 'remove'),
  client: fc.nat({ max: 3 }),
  group: fc.option(fc.constantFrom('g', 'h'), { nil: undefined }),
  filter: filterOf,
  qos: qosOf,
  noLocal: fc.boolean(),
  identifier: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
});

const described = (name: string, qos: QoS, identifier: number | undefined) => `${name} qos ${qos} id ${identifier ?? '-'}`;

it('matches as a list that is gone through line by line: plain ones each, of a group one member that is connected [MQTT-3.3.2-3, MQTT-3.3.4-5, MQTT-3.8.4-8, MQTT-3.10.4-1]', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 25 }),
      topicOf,
      qosOf,
      fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      (steps, topic, qos, connected) => {
        const clients = connected.map((each, index): Session => ({ name: `c${index}`, connected: each, version: 5 }));
        const router = new Router<Session>();
        let lines: Line[] = [];
        for (const { kind, client: index, group, filter, noLocal, ...rest } of steps) {
          const client = clients[index] as Session;
          const full = group === undefined ? filter : `$share/${group}/${filter}`;
          const isSame = (line: Line) => line.client === client && line.group === group && line.filter === filter;
          if (kind === 'remove') {
            router.remove(client);
            lines = lines.filter((line) => line.client !== client);
          } else if (kind === 'unsubscribe') {
            expect(router.unsubscribe(client, full)).toBe(lines.some(isSame));
            lines = lines.filter((line) => !isSame(line));
          } else {
            const line = { client, group, filter, noLocal: noLocal && group === undefined, ...rest };
            const { qos: granted, identifier } = line;
            const subscription = {
              filter: full,
              qos: granted,
              noLocal: line.noLocal,
              retainAsPublished: false,
              retainHandling: 0,
            } as const;
            router.subscribe(client, subscription, identifier, 0);
            lines = [...lines.filter((other) => !isSame(other)), line];
          }
        }
        const publisher = clients[0] as Session;
        const message: OutboundMessage = { topic, payload: Buffer.alloc(1), qos, retain: false, properties: {} };
        const deliveries = router.match(message, publisher);
        const found = (share: boolean) => deliveries.filter((each) => (each.message.share !== undefined) === share);

        const matching = lines.filter(({ filter }) => topicMatches(filter, topic));
        const copy = (line: Line) => described(line.client.name, Math.min(line.qos, qos) as QoS, line.identifier);
        const plain = matching.filter((line) => line.group === undefined && !(line.noLocal && line.client === publisher));
        const got = ({ client, message: { qos: at, properties } }: (typeof deliveries)[number]) =>
          described(client.name, at, properties.subscriptionIdentifiers?.[0]);
        expect(found(false).map(got).sort()).toEqual(plain.map(copy).sort());

        const groups = new Set(matching.flatMap(({ group, filter }) => (group === undefined ? [] : [`$share/${group}/${filter}`])));
        expect(
          found(true)
            .map((each) => each.message.share)
            .sort(),
        ).toEqual([...groups].sort());
        for (const delivery of found(true)) {
          const members = matching.filter(({ group, filter }) => `$share/${group}/${filter}` === delivery.message.share);
          const present = members.filter(({ client }) => client.connected);
          expect((present.length > 0 ? present : members).map(copy)).toContain(got(delivery));
        }
        expect([router.subscriptionCount, router.sharedSubscriptionCount]).toEqual([
          lines.length,
          lines.filter((line) => line.group).length,
        ]);
        for (const client of clients)
          expect(router.subscriptionsOf(client)).toHaveLength(lines.filter((line) => line.client === client).length);
      },
    ),
    { numRuns: 200 },
  );
});
