/** A question that is under way for so long is taken for lost: another is asked beside it. */
export const longestQuestionMs = 60_000;

/** The same answer for `ttlMs`, and one question at a time: whoever asks meanwhile gets the answer that is on its way. */
export function cached<T>(ttlMs: number, ask: () => Promise<T>, now: () => number = () => performance.now()): () => Promise<T> {
  let answer: { value: Promise<T>; until: number } | undefined;
  return () => {
    if (!answer || answer.until <= now()) {
      const mine = { value: ask(), until: now() + longestQuestionMs };
      answer = mine;
      const settled = () => {
        mine.until = now() + ttlMs;
      };
      mine.value.then(settled, settled);
    }
    return answer.value;
  };
}
