import { Command, Option } from 'commander';
import { auditedHandlers } from './handlers/audited-handlers.js';
import { readArgument } from './handlers/application-argument.js';
import { rowOf } from './handlers/handler-row.js';
import { tableAsMarkdown, tableAsText } from './handlers/handler-table.js';
import type { Terminal } from './terminal.js';

interface HandlersOptions {
  readonly json?: boolean;
  readonly markdown?: boolean;
}

/** `nestjs-m2m handlers`: the map of an API: which handler is reached how, and who may call it. */
export function handlersCommand(terminal: Terminal): Command {
  return new Command('handlers')
    .description('Lists the handlers of an application, with what guards them.')
    .argument('<application>', 'a file of JavaScript, and its export: a root module, or a function')
    .addOption(new Option('--json', 'write JSON').conflicts('markdown'))
    .option('--markdown', 'write a table of Markdown')
    .addHelpText('after', HELP)
    .action((argument: string, options: HandlersOptions) => handlers(argument, options, terminal));
}

const HELP = `
Without a name after #, the export is AppModule, else the default one. A function returns an application that does not
listen: with the global prefix, versions and guards that main.ts adds. The application is made, and not initialized: no
hook runs, nothing listens, no token and no key is requested.

Examples:
  nestjs-m2m handlers dist/app.module.js
  nestjs-m2m handlers --markdown dist/create-app.js#createApp`;

async function handlers(argument: string, { json, markdown }: HandlersOptions, terminal: Terminal): Promise<void> {
  const rows = (await auditedHandlers(readArgument(argument))).map(rowOf);
  const map = json ? JSON.stringify(rows) : markdown ? tableAsMarkdown(rows) : tableAsText(rows);
  terminal.write(`${map}\n`);
}
