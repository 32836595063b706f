import { Client } from 'pg';
import type { Finding } from './finding.js';
import { type AlertFindings, judgeAlerts } from './judge-alerts.js';
import { type ItemFindings, judgeItems } from './judge-items.js';
import { judgeStalls, type StallFindings } from './judge-stalls.js';
import { judgeWebhooks } from './judge-webhooks.js';
import { readJournal } from './read-journal.js';
import type { WebhookReceiver } from './webhook-receiver.js';

export interface AuditOrder {
  journalFile: string;
  /** As the owner of the tables. */
  databaseUrl: string;
  graceMs: number;
  nodeGraceMs: number;
  /** How long there was load. */
  loadMs: number;
}

/** What breaks the law; all lists empty is the law. Items are named `vehicle/sequence`. */
export interface Audit extends ItemFindings, AlertFindings, StallFindings {
  /** Items. */
  sent: number;
  acknowledged: number;
  stored: number;
  letters: number;
  alerts: number;
  /** Stored positions that went back: what follows them would be taken in twice. */
  rewound: Finding[];
  /** Events of alerts that did not reach the receiver, or reached it before the one that comes before them. */
  untold: Finding[];
}

/** Reads the journal from disk and holds it against what Postgres has. */
export async function audit(order: AuditOrder, receiver: WebhookReceiver): Promise<Audit> {
  const journal = await readJournal(order.journalFile);
  const database = new Client({ connectionString: order.databaseUrl });
  await database.connect();
  try {
    // Alerts first: what comes of vehicles that are not heard while the ledger counts items is not in the journal.
    const alerts = await judgeAlerts(journal, database, order);
    const items = await judgeItems(journal.vehicles, database);
    const { rows: rewound } = await database.query<{ what: string }>(
      `select topic || '/' || partition || ' went from ' || before || ' back to ' || after as what from rewinds`,
    );
    return { ...items, ...alerts, ...judgeStalls(journal.stalls, order), rewound, untold: await judgeWebhooks(receiver, database) };
  } finally {
    await database.end();
  }
}
