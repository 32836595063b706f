import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode } from '../../codec/encoding/encoder.js';
import type { Packet, Publish, QoS } from '../../packets/packet.js';
import { ReasonCode } from '../../packets/reason-code.js';
import { connected, publishPacket } from '../harness.fixture.js';

type Step =
  | { readonly kind: 'publish'; readonly qos: QoS; readonly payloadBytes: number }
  /** Settles one of those that are open: the nth of them, round and round. */
  | { readonly kind: 'settle'; readonly nth: number; readonly refused: boolean };

const publishStep = fc.record({
  kind: fc.constant('publish' as const),
  qos: fc.constantFrom<QoS>(0, 1, 2),
  payloadBytes: fc.constantFrom(0, 10, 400),
});
const settleStep = fc.record({ kind: fc.constant('settle' as const), nth: fc.nat({ max: 40 }), refused: fc.boolean() });
const steps: fc.Arbitrary<Step[]> = fc.array(fc.oneof(publishStep, settleStep), { maxLength: 60 });

const acksIn = (packets: Packet[]): string[] =>
  packets.flatMap((packet) =>
    'packetId' in packet && 'reasonCode' in packet ? [`${packet.type} ${packet.packetId} ${packet.reasonCode}`] : [],
  );

/** What must be said about any run: a list of publishes, each with its outcome once it has one. */
class Reference {
  private readonly outcomes: { publish: Publish; reasonCode: number | undefined }[] = [];

  published(publish: Publish): void {
    if (publish.qos > 0) this.outcomes.push({ publish, reasonCode: undefined });
  }

  settled(packetId: number, reasonCode: number): void {
    const outcome = this.outcomes.find((each) => each.publish.packetId === packetId);
    if (outcome !== undefined) outcome.reasonCode = reasonCode;
  }

  /** Acks of the longest run of settled publishes from the first one on. */
  acks(): string[] {
    const open = this.outcomes.findIndex((each) => each.reasonCode === undefined);
    const done = open < 0 ? this.outcomes : this.outcomes.slice(0, open);
    return done.map(({ publish, reasonCode }) => `${publish.qos === 1 ? 'puback' : 'pubrec'} ${publish.packetId} ${reasonCode}`);
  }
}

describe.each([4, 5] as const)('any run of publishes and outcomes at protocol level %i', (version) => {
  it('acks each publish once, in order, never before its outcome, and hands each on once, within the limits', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 50 }), (run, chunkBytes) => {
        const receiveMaximum = version === 5 ? 1_000 : 4;
        const harness = connected(version, {}, { receiveMaximum, maxUnacknowledgedBytes: 1_000, readAheadBytes: 0 });
        const reference = new Reference();
        const sent: Publish[] = [];
        const acks: string[] = [];
        const settledTokens = new Set<unknown>();

        const settle = (nth: number, refused: boolean): boolean => {
          const open = harness.publishes.filter(({ token }) => token !== undefined && !settledTokens.has(token));
          const chosen = open[nth % Math.max(open.length, 1)];
          if (chosen?.token === undefined) return false;
          settledTokens.add(chosen.token);
          const reasonCode = refused && version === 5 ? ReasonCode.QuotaExceeded : ReasonCode.Success;
          reference.settled(chosen.publish.packetId, reasonCode);
          harness.connection.settlePublish(chosen.token, reasonCode, harness.now);
          return true;
        };

        for (const step of run) {
          if (step.kind === 'publish') {
            const packetId = step.qos === 0 ? 0 : sent.length + 1;
            const publish = publishPacket({ qos: step.qos, packetId, payload: Buffer.alloc(step.payloadBytes, sent.length) });
            sent.push(publish);
            reference.published(publish);
            const bytes = encode(publish, version);
            for (let at = 0; at < bytes.length; at += chunkBytes) harness.sendBytes(bytes.subarray(at, at + chunkBytes));
          } else {
            settle(step.nth, step.refused);
          }
          acks.push(...acksIn(harness.received()));
          expect(acks).toEqual(reference.acks());
          const unsettled = harness.publishes.filter(({ token }) => token !== undefined && !settledTokens.has(token));
          if (version === 4) expect(unsettled.length).toBeLessThanOrEqual(receiveMaximum);
        }
        while (settle(0, false)) acks.push(...acksIn(harness.received()));
        expect(acks).toEqual(reference.acks());
        expect(acks).toHaveLength(sent.filter((publish) => publish.qos > 0).length);
        expect(harness.publishes.map(({ publish }) => publish)).toEqual(sent);
        expect(harness.reading).toBe(true);
        expect(harness.end).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});
