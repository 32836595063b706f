import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { createProgram } from './program.js';
import { Installation } from './reaching/installation.js';

const workspace = fileURLToPath(new URL('../../..', import.meta.url));

/** Whatever can speak to somebody: sources without their tests, the guides, and the alert rules. */
function texts(): { file: string; text: string }[] {
  const inside = (folder: string) => readdirSync(`${workspace}${folder}`, { recursive: true }).map((name) => `${folder}/${name}`);
  const sources = ['apps', 'libs']
    .flatMap((kind) => readdirSync(`${workspace}${kind}`).map((room) => `${kind}/${room}/src`))
    .flatMap(inside)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  const guides = readdirSync(`${workspace}docs`)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);
  return ['README.md', 'CONTRIBUTING.md', 'deploy/prometheus-rules.yml', ...guides, ...sources].map((file) => ({
    file,
    text: readFileSync(`${workspace}${file}`, 'utf8'),
  }));
}

const program = createProgram(new Installation({ MILEPOST_DATA_DIR: '/nonexistent' }, '/'));
const named = (commands: readonly Command[]): string => commands.map((command) => command.name()).join('|');
const rooms = program.commands.filter(({ commands }) => commands.length > 0);

const alone = program.commands.filter((command) => !rooms.includes(command));
const whole = [...rooms.map((room) => `${room.name()} (?:${named(room.commands)})`), 'doctor', ...alone.map((command) => command.name())];
/** `milepost users list`, or `users list` alone where the quotes say that it is a command; not the beginning of a template. */
const mentions = new RegExp(
  `(npx )?(?:\\bmilepost (?:${whole.join('|')})\\b|\`(?:${whole.slice(0, rooms.length).join('|')})\\b(?! \\$))`,
  'g',
);

test('every command that is named somewhere is named as it is typed: npx milepost …', () => {
  const short = texts().flatMap(({ file, text }) =>
    [...text.matchAll(mentions)].filter(([, npx]) => npx === undefined).map(([mention]) => `${file}: ${mention}`),
  );
  expect(short).toEqual([]);
});

test('every command that is named somewhere is there', () => {
  const wrong = texts().flatMap(({ file, text }) =>
    [...text.matchAll(/\bnpx milepost ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?/g)]
      .filter(([, first, second]) => {
        const command = program.commands.find((known) => known.name() === first);
        return command === undefined || (rooms.includes(command) && second !== undefined && !knows(command, second));
      })
      .map(([whole]) => `${file}: ${whole}`),
  );
  expect(wrong).toEqual([]);
});

test('every option that is named behind a command is one of it', () => {
  const calls = texts().flatMap(({ file, text }) =>
    [...text.matchAll(/\bnpx milepost ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?([^`\n|;&#)]*)/g)].map(([whole, first, second, rest = '']) => {
      const room = program.commands.find((known) => known.name() === first);
      const command = room?.commands.find((known) => known.name() === second) ?? room;
      const known = command?.options.map(({ long }) => long) ?? [];
      const options = rest.match(/(?<=\s)--[a-z][a-z-]*/g) ?? [];
      return { call: `${file}: ${whole}`, options, unknown: options.filter((option) => option !== '--help' && !known.includes(option)) };
    }),
  );
  expect(calls.flatMap(({ options }) => options)).toContain('--organisation');
  expect(calls.filter(({ unknown }) => unknown.length > 0)).toEqual([]);
});

/** `doctor` does something by itself, too. */
const knows = (room: Command, name: string): boolean =>
  room.name() === 'doctor' || room.commands.some((command) => command.name() === name);
