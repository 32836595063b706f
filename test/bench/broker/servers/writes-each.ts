/** The environment variable that has the bare reader write each PUBACK by itself. */
export const WRITES_EACH = 'BENCH_WRITES_EACH';
