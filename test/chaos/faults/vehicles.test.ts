import { faultCodes } from '@milepost/contracts';
import { expect, it } from 'vitest';
import { LETTERS } from '../ledger/poison.js';
import type { FaultContext } from './fault.js';
import { vehicleFaults } from './vehicles.js';

/** What the fault asks of the ledger, by the name of the order. */
async function askedByPoison(): Promise<Map<string, { fault: string }[]>> {
  const asked = new Map<string, { fault: string }[]>();
  const context = {
    number: 1,
    system: {
      identities: async (names: string[]) => names.map((vehicleId) => ({ vehicleId, certificatePem: '', privateKeyPem: '' })),
      register: async () => undefined,
      append: async () => undefined,
    },
    ledger: {
      ask: async (name: string, { letters = [], strangers = [] }: { letters?: { fault: string }[]; strangers?: { fault: string }[] }) => {
        asked.set(name, [...letters, ...strangers]);
        return { wrong: [] };
      },
    },
  };
  await vehicleFaults.find(({ name }) => name === 'poison')?.inject(context as unknown as FaultContext);
  return asked;
}

it('poison has a message for every reason for which ingest makes a dead letter', async () => {
  const asked = await askedByPoison();
  const sent = [...LETTERS, ...(asked.get('expectLetters') ?? []), ...(asked.get('poison') ?? [])].map(({ fault }) => fault);
  expect([...new Set(sent)].sort()).toEqual([...faultCodes].sort());
});
