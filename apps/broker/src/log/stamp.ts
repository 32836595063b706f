/** Which record of which writer it is. Epochs of one node never come again, and the counter begins anew with each. */
export interface Stamp {
  readonly node: string;
  readonly epoch: number;
  readonly counter: number;
}

/** What tells of two records which one counts. */
export type Order = Pick<Stamp, 'epoch' | 'counter'>;

/** Is `a` the later of two? */
export function isLater(a: Order, b: Order): boolean {
  return a.epoch !== b.epoch ? a.epoch > b.epoch : a.counter > b.counter;
}

/** As other records name the record with that stamp. */
export function recordId({ epoch, counter }: Order): string {
  return `${epoch}/${counter}`;
}

/** What `recordId` says. */
export function orderOf(id: string): Order {
  const [epoch = 0, counter = 0] = id.split('/').map(Number);
  return { epoch, counter };
}
