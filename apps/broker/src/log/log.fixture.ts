import type { RecordToAppend } from '@milepost/kafka';
import { MemoryLog } from './memory-log.js';

/** What is to be stored of these records waits until the answer is called, as at a partition whose leader moves. */
export function holdBack(log: MemoryLog, isHeld: (record: RecordToAppend) => boolean): () => void {
  const append = log.append.bind(log);
  let letGo: () => void = () => undefined;
  const isLetGo = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  log.append = (record, options) => (isHeld(record) ? isLetGo.then(() => append(record, options)) : append(record, options));
  return letGo;
}

/** These records find no room, as behind a partition that stores nothing for long, until the answer is called. */
export function withhold(log: MemoryLog, isWithheld: (record: RecordToAppend) => boolean): () => void {
  const append = log.append.bind(log);
  log.append = (record, options) =>
    isWithheld(record)
      ? Promise.resolve({ kind: 'withheld', code: 'buffer_full', message: 'The test has no room' })
      : append(record, options);
  return () => {
    log.append = append;
  };
}

/** The log as it was when it had so many records: a broker that starts on it finds what one left that was killed then. */
export function logUpTo(log: MemoryLog, count: number): MemoryLog {
  const cut = new MemoryLog();
  cut.records.push(...log.records.slice(0, count));
  return cut;
}
