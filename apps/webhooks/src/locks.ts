/** Advisory locks of Postgres by which several webhooks processes take turns. Any numbers that nobody else uses. */
export const locks = {
  /** Events are dispatched by one process at a time, or their order would be lost. */
  dispatch: 7_303_021,
  /** Claims are made one after another, or an endpoint's limit could be passed. */
  claim: 7_303_022,
  /** One process relays, as long as it holds this. */
  relay: 7_303_023,
  /** One process forgets what is old. */
  upkeep: 7_303_024,
} as const;
