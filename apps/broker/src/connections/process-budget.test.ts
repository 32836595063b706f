import { expect, test } from 'vitest';
import { ProcessBudget } from './process-budget.js';

test('over its limit nobody is read, until a tenth is free again; that is told once', () => {
  const heard: string[] = [];
  const reader = { stopReading: () => heard.push('stop'), startReading: () => heard.push('start') };
  const budget = new ProcessBudget(
    100,
    () => [reader],
    () => heard.push('limit'),
  );
  budget.take(100);
  expect(heard).toEqual([]);
  budget.take(1);
  expect(heard).toEqual(['stop', 'limit']);
  budget.take(50);
  budget.release(60);
  expect(heard).toEqual(['stop', 'limit']);
  expect(budget.exhausted).toBe(true);
  budget.release(1);
  expect(heard).toEqual(['stop', 'limit', 'start']);
  expect(budget.exhausted).toBe(false);
});

test('once it is closed nobody is read again, though acks make room', () => {
  const heard: string[] = [];
  const reader = { stopReading: () => heard.push('stop'), startReading: () => heard.push('start') };
  const budget = new ProcessBudget(100, () => [reader]);
  budget.take(200);
  budget.close();
  budget.release(200);
  expect(heard).not.toContain('start');
});
