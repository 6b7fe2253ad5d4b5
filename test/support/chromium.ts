import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { describeWith } from './describe-with.js';

const executablePath = ['chromium', 'chromium-browser', 'google-chrome']
  .flatMap((name) => (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name)))
  .find(isExecutable);

/** `describe` for tests in a browser. */
export const describeWithChromium = describeWith('a browser', 'chromium', [['Chromium', executablePath !== undefined]]);

/** Starts a browser without a window. */
export function startChromium(): Promise<Browser> {
  // In a container Chromium has no sandbox of its own.
  return chromium.launch({ executablePath: executablePath ?? 'chromium', args: ['--no-sandbox'] });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
