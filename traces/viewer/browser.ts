/** Where a Chromium is, for tests and measurements of the page. */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** HIGHWATER_BROWSER, or the first of the usual names on the path; undefined where there is none. */
export function browserPath(): string | undefined {
  const { HIGHWATER_BROWSER: given = '', PATH = '' } = process.env;
  const candidates = PATH.split(path.delimiter).flatMap((folder) =>
    NAMES.map((name) => path.join(folder, name)),
  );
  return [...(given === '' ? [] : [given]), ...candidates].find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
