// Measures what the page holds in memory: heaps of page and worker after a collection, wasm memory, live GPU buffers.

/** @import {BrowserContext, CDPSession, Page} from 'playwright-core' */

/**
 * @typedef {object} Reading
 * @property {number} pageHeap Bytes that the page's scripts hold.
 * @property {number} workerHeap The same of the worker.
 * @property {number} wasm Bytes of the core's linear memory.
 * @property {number} gpuBuffers Buffers that were made and not destroyed.
 * @property {number} gpuBytes Their sizes.
 */

/** Bytes by which the least of a few heap sizes may differ without a leak. */
const NOISE = 500_000;

/** Runs in the worker before its own code: counts what only calls can tell. */
function instrument() {
  /** @type {Map<number, number>} */
  const buffers = new Map();
  /** @type {Set<WebAssembly.Memory>} */
  const memories = new Set();
  let made = 0;
  let checkpoints = 0;
  const { postMessage } = globalThis;
  globalThis.postMessage = (/** @type {any} */ message, /** @type {any} */ options) => {
    if (message.event === 'checkpoint') checkpoints++;
    postMessage(message, options);
  };
  // A buffer that nobody holds any more is as good as destroyed.
  const dropped = new FinalizationRegistry((/** @type {number} */ id) => buffers.delete(id));
  /** @type {WeakMap<object, number>} */
  const ids = new WeakMap();
  const { GPUDevice, GPUBuffer } = /** @type {any} */ (globalThis);
  if (GPUDevice) {
    const { createBuffer } = GPUDevice.prototype;
    GPUDevice.prototype.createBuffer = function (/** @type {{size: number}} */ description) {
      const buffer = createBuffer.call(this, description);
      buffers.set(++made, description.size);
      ids.set(buffer, made);
      dropped.register(buffer, made);
      return buffer;
    };
    const { destroy } = GPUBuffer.prototype;
    GPUBuffer.prototype.destroy = function () {
      buffers.delete(ids.get(this) ?? 0);
      return destroy.call(this);
    };
  }
  const note = (/** @type {WebAssembly.Instance} */ instance) => {
    if (instance.exports.memory instanceof WebAssembly.Memory) memories.add(instance.exports.memory);
  };
  for (const name of /** @type {const} */ (['instantiate', 'instantiateStreaming'])) {
    const original = /** @type {any} */ (WebAssembly)[name];
    /** @type {any} */ (WebAssembly)[name] = async (/** @type {any[]} */ ...args) => {
      const made = await original.apply(WebAssembly, args);
      note(made.instance ?? made);
      return made;
    };
  }
  Object.assign(globalThis, {
    __checkpoints: () => checkpoints,
    __held: () => ({
      wasm: [...memories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0),
      gpuBuffers: buffers.size,
      gpuBytes: [...buffers.values()].reduce((sum, size) => sum + size, 0),
    }),
  });
}

/** For the page's `prepare`: puts the counters into the worker's script. @param {BrowserContext} context */
export async function countInWorker(context) {
  await context.route(/worker[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `(${instrument})();\n${await response.text()}` });
  });
}

/**
 * Takes readings of an opened page whose context was prepared with `countInWorker`, and tells how many copies of the run the
 * core has made.
 * @param {Page} page
 * @returns {Promise<{read: () => Promise<Reading>, checkpoints: () => Promise<number>}>}
 */
export async function meter(page) {
  const browser = page.context().browser();
  if (!browser) throw new Error('The page has no browser of its own.');
  const own = await page.context().newCDPSession(page);
  const whole = await browser.newBrowserCDPSession();
  const { targetInfos } = await whole.send('Target.getTargets', { filter: [{ type: 'worker' }] });
  const worker = await attach(whole, targetInfos[0].targetId);
  const evaluate = async (/** @type {string} */ expression) =>
    (await worker('Runtime.evaluate', { expression, returnByValue: true })).result.value;
  return {
    checkpoints: () => evaluate('__checkpoints()'),
    async read() {
      await own.send('HeapProfiler.collectGarbage');
      await worker('HeapProfiler.collectGarbage');
      const { usedSize: pageHeap } = await own.send('Runtime.getHeapUsage');
      const { usedSize: workerHeap } = await worker('Runtime.getHeapUsage');
      return { pageHeap, workerHeap, ...(await evaluate('__held()')) };
    },
  };
}

/**
 * Speaks to a worker through the browser.
 * @param {CDPSession} browser
 * @param {string} targetId
 */
async function attach(browser, targetId) {
  const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: false });
  let last = 0;
  return (/** @type {string} */ method, /** @type {object} */ params = {}) => {
    const id = ++last;
    /** @type {Promise<any>} */
    const answer = new Promise((resolve, reject) => {
      const hear = (/** @type {{sessionId: string, message: string}} */ event) => {
        const message = JSON.parse(event.message);
        if (event.sessionId !== sessionId || message.id !== id) return;
        browser.off('Target.receivedMessageFromTarget', hear);
        if (message.error) reject(new Error(`${method}: ${message.error.message}`));
        else resolve(message.result);
      };
      browser.on('Target.receivedMessageFromTarget', hear);
    });
    const message = JSON.stringify({ id, method, params });
    return browser.send('Target.sendMessageToTarget', { sessionId, message }).then(() => answer);
  };
}

/**
 * Whether memory stays flat once everything has been allocated: wasm memory and GPU buffers no larger in the second half of the
 * readings than in the first, and heaps no larger at their least, which a leak lifts and a passing object does not.
 * @param {Reading[]} readings From the end of the warm-up on.
 * @returns {string[]} What grew.
 */
export function growth(readings) {
  const halves = [readings.slice(0, readings.length >> 1), readings.slice(readings.length >> 1)];
  const grew = [];
  for (const key of /** @type {(keyof Reading)[]} */ (Object.keys(readings[0]))) {
    const heap = key.endsWith('Heap');
    const [first, second] = halves.map((half) => (heap ? Math.min : Math.max)(...half.map((reading) => reading[key])));
    if (second > first + (heap ? NOISE : 0)) grew.push(`${key} from ${first} to ${second}`);
  }
  return grew;
}
