// The page of a report as one picture, by a browser of this machine: the page is what a reader of
// the HTML file sees, so nothing is drawn a second time. Nothing of it is looked up elsewhere.
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { messageOf, UserError } from '../base/errors.ts';

/** Names the browser where it is none of the known ones. */
export const browserSetting = 'FARB_CHROMIUM';
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
/** CSS pixels, as a desktop reader has them; the height is the page's. */
const view = { width: 1_200, height: 900 };
const renderMsMax = 60_000;

type Env = Readonly<Record<string, string | undefined>>;

/** Null = there is none. */
export function browserIn(env: Env): string | null {
  const named = env[browserSetting];
  if (named !== undefined && named !== '') return named;
  const inPath = (env['PATH'] ?? '').split(process.platform === 'win32' ? ';' : ':');
  const files = inPath.flatMap((folder) => names.map((name) => join(folder, name)));
  return [...files, ...places].find(isProgram) ?? null;
}

/** @throws UserError: no browser, it does not start, or the file cannot be written */
export async function writePng(file: string, html: string, env: Env): Promise<void> {
  const executablePath = browserIn(env);
  if (executablePath === null) {
    throw new UserError(
      `--png ${file}: needs a browser, and none was found: install chromium or Chrome, or name ` +
        `one with ${browserSetting}; --html needs none`,
      { exitCode: 1 },
    );
  }
  // Loaded here: no other command pays for it.
  const { chromium } = await import('playwright-core');
  try {
    // The sandbox refuses root; what is shown is our own page, without a script.
    const chromiumSandbox = process.getuid?.() !== 0;
    const browser = await chromium.launch({ executablePath, chromiumSandbox });
    try {
      const page = await browser.newPage({
        ...{ viewport: view, offline: true, javaScriptEnabled: false, colorScheme: 'light' },
      });
      page.setDefaultTimeout(renderMsMax);
      await page.setContent(html);
      await page.screenshot({ path: file, fullPage: true, type: 'png' });
    } finally {
      await browser.close();
    }
  } catch (thrown) {
    const [why = ''] = messageOf(thrown).split('\n');
    throw new UserError(`--png ${file}: ${executablePath}: ${why}`, { exitCode: 1 });
  }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
