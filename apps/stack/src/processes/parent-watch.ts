const intervalMs = 500;

/**
 * Calls back when the process that started this one has gone. npm that is killed passes no signal on:
 * what it had started would run on with nobody to stop it.
 */
export function watchParent(onGone: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, intervalMs);
  timer.unref();
}
