/** Works on so many at a time, so that neither side is flooded. */
export async function inParts<T>(all: readonly T[], atATime: number, work: (one: T, index: number) => Promise<void>): Promise<void> {
  for (let at = 0; at < all.length; at += atATime)
    await Promise.all(all.slice(at, at + atATime).map((one, offset) => work(one, at + offset)));
}
