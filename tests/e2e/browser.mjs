// Debian's Chromium, driven by the playwright-core of web/package.json.
import { createRequire } from "node:module";
import { existsSync } from "node:fs";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");

const kProgram = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const have_chromium = existsSync(kProgram);

export const launch = () =>
  chromium.launch({
    executablePath: kProgram,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });

/** A page of its own context; errors that it throws are kept in `page.errors`. */
export async function new_page(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-GB", ...options });
  const page = await context.newPage();
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(String(error)));
  return page;
}
