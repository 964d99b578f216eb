// Opens the built page in a browser of its own, with an empty profile, and notes everything that goes wrong in it.
import { createRequire } from 'node:module';
import { serveSite } from './site.mjs';

const require = createRequire(new URL('../../www/package.json', import.meta.url));
/** @type {typeof import('playwright-core')} */
const { chromium } = require('playwright-core');

/** Both backends that a browser can offer. @type {Backend[]} */
export const BACKENDS = ['wasm', 'webgpu'];

const KNOWING = {
  noise: 'noise-conditional-mlp',
  classes: 'joint-mlp',
  latent: 'vae',
  latentEnergy: 'latent-ebm',
  pairs: 'joint-embedding',
};

/** The network for what a rule or a sampler needs it to know. @param {keyof typeof KNOWING | null} needs */
export const networkFor = (needs) => (needs === null ? 'mlp' : KNOWING[needs]);

const QUIET = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** WebGPU on the software adapter that comes with Chromium. Without these, a machine without a GPU has no adapter. */
const WITH_WEBGPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-unsafe-swiftshader'];

/** @typedef {'wasm' | 'webgpu'} Backend */

/**
 * @typedef {object} Options
 * @property {Backend} [backend] 'webgpu' opens a browser with WebGPU, 'wasm', the default, one without.
 * @property {string} [query] Of the address, without its question mark; left out, it asks for WebGPU where that is the backend.
 * @property {string} [fragment] Of the address, without its #.
 * @property {{width: number, height: number}} [viewport]
 * @property {string} [lang] The browser's language.
 * @property {'light' | 'dark'} [colorScheme]
 * @property {'reduce' | 'no-preference'} [reducedMotion]
 * @property {boolean} [touch] A phone's screen.
 * @property {boolean} [paused] Stops the clock as soon as the page is ready.
 * @property {(context: import('playwright-core').BrowserContext) => Promise<void>} [prepare] Before the page is fetched.
 */

/** @typedef {Awaited<ReturnType<typeof open>>} Opened */

/** Opens the page and waits until its first scene is live. @param {Options} [options] */
export async function open(options = {}) {
  const { backend = 'wasm', fragment, viewport = { width: 1440, height: 900 }, lang = 'en' } = options;
  const executablePath = process.env.CHROME;
  if (!executablePath) throw new Error('CHROME must name a Chromium; `cargo xtask test --only e2e` finds one.');
  const site = await serveSite();
  const browser = await chromium.launch({
    executablePath,
    args: [...QUIET, ...(backend === 'webgpu' ? WITH_WEBGPU : [])],
  });
  const close = async () => {
    await browser.close();
    site.close();
  };
  try {
    const context = await browser.newContext({
      viewport,
      locale: lang,
      colorScheme: options.colorScheme ?? 'light',
      reducedMotion: options.reducedMotion ?? 'no-preference',
      ...(options.touch ? { hasTouch: true, isMobile: true, deviceScaleFactor: 2 } : {}),
    });
    await options.prepare?.(context);
    const page = await context.newPage();
    /** Everything that a visitor's console would show. @type {string[]} */
    const problems = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) problems.push(`${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
    page.on('requestfailed', (request) => problems.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
    page.on('response', (response) => {
      if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
    });
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol.startsWith('http') && origin !== new URL(site.url).origin) problems.push(`leaves: ${request.url()}`);
    });
    await page.addInitScript(noteReady);
    await page.addInitScript(offerPack);
    const query = options.query ?? (backend === 'webgpu' ? 'backend=webgpu' : '');
    await page.goto(`${site.url}${query && `?${query}`}${fragment ? `#${fragment}` : ''}`);
    await page.waitForFunction(() => Object.hasOwn(globalThis, '__readyAt'), null, { polling: 20, timeout: 60_000 });
    const readyAt = await page.evaluate(() => /** @type {any} */ (globalThis).__readyAt);
    if (typeof readyAt !== 'number')
      throw new Error(`The page did not become live: ${readyAt}; ${problems.join('; ')}`);
    if (options.paused) await page.evaluate(() => ebm.pause());
    return { page, problems, fetched: site.fetched, readyAt, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Runs in the page before its scripts: notes the milliseconds from navigation until `ebm.ready`. */
function noteReady() {
  /** @type {any} */
  let interface_;
  const note = (/** @type {unknown} */ value) => Object.assign(globalThis, { __readyAt: value });
  Object.defineProperty(globalThis, 'ebm', {
    configurable: true,
    get: () => interface_,
    set(value) {
      interface_ = value;
      value.ready.then(
        () => note(performance.now()),
        (/** @type {Error} */ error) => note(error.message),
      );
    },
  });
}

/** Runs in the page: bytes travel far faster as one string than as an array of numbers. */
function offerPack() {
  const pack = (/** @type {ArrayBufferView} */ array) => {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    let text = '';
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(text);
  };
  Object.assign(globalThis, { pack });
}

/**
 * Waits until an asynchronous question is answered with yes. Playwright's `waitForFunction` takes the first promise for a yes.
 * @template A
 * @param {import('playwright-core').Page} page
 * @param {(argument: A) => Promise<boolean>} question Asked in the page.
 * @param {A} argument
 * @param {number} [patience] Milliseconds.
 */
export async function until(page, question, argument, patience = 30_000) {
  const ask = /** @type {(argument: any) => Promise<boolean>} */ (question);
  for (const end = Date.now() + patience; !(await page.evaluate(ask, argument)); ) {
    if (Date.now() > end) throw new Error(`No yes within ${patience} ms: ${question}`);
    await page.waitForTimeout(20);
  }
}

/** What `pack` made of a Uint8Array in the page. @param {string} text */
export const unpackBytes = (text) => Uint8Array.from(Buffer.from(text, 'base64'));

/** What `pack` made of a Float32Array in the page. @param {string} text */
export const unpackFloats = (text) => new Float32Array(unpackBytes(text).buffer);

/**
 * Opens the page for `body` and closes it whatever happens.
 * @template R
 * @param {Options} options
 * @param {(opened: Opened) => Promise<R>} body
 * @returns {Promise<R>}
 */
export async function withPage(options, body) {
  const opened = await open(options);
  try {
    return await body(opened);
  } finally {
    await opened.close();
  }
}

/**
 * Loads a config from a fresh start and stops the clock.
 * @param {import('playwright-core').Page} page
 * @param {object} config
 */
export const load = (page, config) =>
  page.evaluate(async (config) => {
    await ebm.pause();
    await ebm.load(config);
    await ebm.pause();
  }, config);
