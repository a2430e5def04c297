// Chromium with a fresh profile, behind a proxy that notes what it would send to the network.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export async function start() {
  const connections = [];
  const proxy = createServer((socket) => {
    socket.once('data', (data) => {
      const [request] = data.toString('latin1').split('\r\n');
      // Chromium itself looks whether somebody is signed in.
      if (!/^CONNECT [a-z.]*\.(google|googleapis|gstatic)\.com:443 /.test(request)) connections.push(request);
      socket.destroy();
    });
    socket.on('error', () => {});
  });
  await new Promise((done) => { proxy.listen(0, '127.0.0.1', done); });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    // Chromium refuses its sandbox to root.
    chromiumSandbox: process.getuid() !== 0,
    proxy: { server: `127.0.0.1:${proxy.address().port}`, bypass: '<-loopback>' },
  });
  return {
    /** A tab, with what must not happen in it: requests, errors, dialogs. */
    async open(file, fragment = '', options = {}) {
      const { withAxe, ...more } = options;
      const context = await browser.newContext(more);
      if (withAxe) await context.addInitScript({ path: axe });
      const page = await context.newPage();
      const address = pathToFileURL(file).href;
      page.unwanted = [];
      page.on('request', (request) => {
        if (request.url().split(/[?#]/)[0] !== address) page.unwanted.push(`request: ${request.url()}`);
      });
      page.on('console', (message) => page.unwanted.push(`console: ${message.text()}`));
      page.on('pageerror', (error) => page.unwanted.push(`error: ${error.message}`));
      page.on('dialog', (dialog) => { page.unwanted.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
      context.on('page', (other) => page.unwanted.push(`window: ${other.url()}`));
      page.at = (to) => page.goto(`${address}${to}`);
      await page.at(fragment);
      return page;
    },
    connections: () => connections,
    async stop() {
      await browser.close();
      proxy.close();
    },
  };
}

/** What axe finds in the page as it is: rule and elements. */
export async function violations(page) {
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return found.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.target.join(' ')).join(', ')}`);
}

/** The number of findings that match, and of all; empty until the page has counted them. */
export async function counts(page) {
  const text = await page.locator('#count').textContent();
  return (text.match(/[\d,]+/g) ?? []).map((number) => Number(number.replaceAll(',', '')));
}

/** Waits until that many findings match. */
export async function until(page, expected, where = '') {
  for (let tries = 0; tries < 50 && (await counts(page))[0] !== expected; tries += 1) {
    await page.waitForTimeout(40);
  }
  assert.equal((await counts(page))[0], expected, where);
}

export const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
