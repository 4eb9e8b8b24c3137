// Opens HTML reports in both themes and checks: no axe violation (WCAG 2.2 A and AA), no sideways
// scrolling at 320 px, no request to anywhere, no script error, page one on one sheet of A4.
//
// Usage: node check.mjs index.html index.zh.html ...      (CHROMIUM: path of the browser)

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("usage: node check.mjs FILE.html ...");
  process.exit(2);
}

let problems = 0;
const problem = (where, what) => {
  problems += 1;
  console.error(`${where}: ${what}`);
};

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});

async function open(url, theme, width, where) {
  const page = await browser.newPage();
  await page.setViewport({ width, height: 1200 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
  page.on("request", (request) => {
    if (request.url() !== url) problem(where, `asks for ${request.url()}`);
  });
  page.on("pageerror", (error) => problem(where, error.message));
  // The page forbids scripts; only this check brings its own.
  await page.setBypassCSP(true);
  await page.goto(url);
  return page;
}

async function violations(page, where) {
  await page.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));
  await page.evaluate(axe);
  const result = await page.evaluate((tags) => axe.run(document, { runOnly: tags }), tags);
  for (const violation of result.violations) {
    for (const node of violation.nodes) {
      problem(where, `${violation.id} (${violation.impact}): ${node.target}: ${node.failureSummary}`);
    }
  }
}

async function reflow(page, where) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (wide > 0) problem(where, `scrolls sideways by ${wide} px`);
}

async function firstSheet(page, where) {
  await page.emulateMediaType("print");
  // A4 less the margins of 12 mm, at 96 px to the inch.
  await page.setViewport({ width: 703, height: 1032 });
  const height = await page.evaluate(() => document.querySelector(".front").getBoundingClientRect().height);
  if (height > 1032) problem(where, `page one is ${Math.round(height)} px high, a sheet has 1032`);
}

for (const file of files) {
  const url = pathToFileURL(resolve(file)).href;
  for (const theme of ["light", "dark"]) {
    const page = await open(url, theme, 1080, `${file} (${theme})`);
    await violations(page, `${file} (${theme})`);
    await reflow(page, `${file} (${theme}, 1080 px)`);
    await page.close();
    const narrow = await open(url, theme, 320, `${file} (${theme}, 320 px)`);
    await reflow(narrow, `${file} (${theme}, 320 px)`);
    await violations(narrow, `${file} (${theme}, 320 px)`);
    await narrow.close();
  }
  const print = await open(url, "light", 703, `${file} (print)`);
  await firstSheet(print, `${file} (print)`);
  await print.close();
}

await browser.close();
console.log(`${files.length} files, ${problems} problems`);
process.exit(problems === 0 ? 0 : 1);
