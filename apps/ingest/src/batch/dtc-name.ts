import type { DtcItem } from '@milepost/contracts';

/** The key of a code in dtc_states: its J2012 text, or spn/fmi of J1939. */
export function dtcName(item: DtcItem): string {
  return 'code' in item ? item.code : `${item.spn}/${item.fmi}`;
}
