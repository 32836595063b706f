import { type DtcItem, DtcItemSchema } from '@milepost/contracts';
import { Compile } from 'typebox/compile';

const j2012 = Compile(DtcItemSchema.anyOf[0]);

/**
 * A trouble code without the fields of the norm that it is not of. A schema lets others through beside its own, of any type and by any name: a code of
 * J2012 may come with an `spn` that is a text. Behind this, which fields there are says which norm it is.
 */
export function ofItsNorm(item: DtcItem): DtcItem {
  if (j2012.Check(item)) {
    const { spn: _, fmi: __, oc: ___, ...own } = item as typeof item & Record<'spn' | 'fmi' | 'oc', unknown>;
    return own;
  }
  const { code: _, ...own } = item as typeof item & { code: unknown };
  return own;
}
