/** What tells a run to end: Ctrl-C, kill, and the terminal that is closed. */
export const runSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
