/** Where and when something stands in a presence partition. The machine knows no other time. */
export interface Moment {
  /** LogAppendTime of the record. */
  atMs: number;
  offset: number;
  /** The partition's clock. */
  clockMs: number;
}
