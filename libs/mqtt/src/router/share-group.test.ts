import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Member, ShareGroup } from './share-group.js';

interface Client {
  readonly name: number;
  connected: boolean;
}

function memberOf(client: Client): Member<Client> {
  const subscription = { filter: '$share/g/t', qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
  return { client, subscription, identifier: undefined, handOut: { subscription, identifier: undefined } };
}

const CLIENTS = 5;
const step = fc.record({
  kind: fc.constantFrom('join', 'join', 'leave', 'turn', 'choose', 'choose', 'choose'),
  client: fc.nat({ max: CLIENTS - 1 }),
});

it('whose turn it is goes round the members in the order that they joined in, as in a list with a place in it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const clients = Array.from({ length: CLIENTS }, (_, name): Client => ({ name, connected: true }));
      const group = new ShareGroup<Client>('$share/g/t');
      const list: Member<Client>[] = [];
      let next = 0;
      for (const { kind, client: index } of steps) {
        const client = clients[index] as Client;
        const place = list.findIndex((each) => each.client === client);
        const before = group.membership;
        if (kind === 'join') {
          const member = memberOf(client);
          if (place < 0) list.push(member);
          else list[place] = member;
          group.set(member);
          expect(group.membership).not.toBe(before);
        } else if (kind === 'leave') {
          if (place >= 0) list.splice(place, 1);
          if (place >= 0 && place < next) next--;
          group.delete(client);
          expect(group.membership !== before).toBe(place >= 0);
        } else if (kind === 'turn') {
          client.connected = !client.connected;
        } else {
          const inTurn = list.map((_, behind) => (next + behind) % list.length);
          const chosen = inTurn.find((each) => list[each]?.client.connected) ?? inTurn[0];
          if (chosen !== undefined) next = chosen + 1;
          expect(group.choose()).toBe(chosen === undefined ? undefined : list[chosen]);
          expect(group.membership).toBe(before);
        }
        expect(group.empty).toBe(list.length === 0);
      }
    }),
    { numRuns: 1_000 },
  );
});

it('who joins, subscribes again or leaves is not looked for among all members', () => {
  let looks = 0;
  const group = new ShareGroup<Client>('$share/g/t');
  const members = Array.from({ length: 300 }, (_, name) => {
    const { client, ...rest } = memberOf({ name, connected: true });
    return {
      ...rest,
      get client() {
        looks++;
        return client;
      },
    };
  });
  for (const member of members) group.set(member);
  for (const member of members) group.set(member);
  for (const { client } of members.toReversed()) group.delete(client);
  expect(group.empty).toBe(true);
  expect(looks).toBeLessThanOrEqual(10 * members.length);
});
