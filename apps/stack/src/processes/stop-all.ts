/** Takes every step, one after another: one that fails must not leave running what the next ones stop. @throws what the first that failed threw. */
export async function stopAll(steps: readonly (() => Promise<void> | void)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
