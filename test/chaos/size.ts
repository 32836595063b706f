/** Of every topic. */
export const PARTITIONS = 6;

/** Of the n-th; the start of all their names when nothing is given. */
export const vehicleName = (n: number | ''): string => `chaos-${n}`;

/** With fewer, some partition of the log has no vehicle, and after every fault rows are waited for from each of them. */
export const LEAST_VEHICLES = 14;
