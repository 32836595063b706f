import { type StackFile, StackFileSchema } from '@milepost/contracts';
import { Argument, Command } from 'commander';
import { print, table } from '../output.js';
import type { Installation } from '../reaching/installation.js';

type Value = Exclude<keyof StackFile, 'apps'>;
const values = Object.keys(StackFileSchema.properties).filter((name): name is Value => name !== 'apps');

export const stackCommand = (installation: Installation): Command =>
  new Command('stack')
    .description('say where the running stack (npm start) has everything, and with which key; one value alone for scripts')
    .addArgument(new Argument('[value]', 'this one alone').choices(values))
    .action((value?: Value) => {
      const running = installation.runningStack();
      if (value !== undefined) print(textOf(running, value));
      else
        print(
          table(
            ['VALUE', ''],
            values.map((name) => [name, textOf(running, name)]),
          ),
        );
    });

/** The file is for programs, which issue again into the same folder; whoever reads the command here is not to lose a key by it. */
const textOf = (running: StackFile, name: Value): string =>
  name === 'issueCommand' ? running.issueCommand.replace(/ --force$/, '') : running[name];
