// Both sides of the protocol, each against a double: the worker's host with a core that only counts, the client with a worker
// that a test plays.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { suited } from '../../www/engine/backend.js';
import { createClient, LostCall } from '../../www/engine/client.js';
import { createHost } from '../../www/engine/host.js';
import { transferables } from '../../www/engine/transfer.js';

const tick = () => new Promise((later) => setImmediate(later));

/** What the first core throws for a part that it lacks. */
const absent = (/** @type {string} */ set) =>
  Object.assign(new Error(`data.id: the images of ${set} are not here.`), { name: 'Absent', set });
const elsewhere = () =>
  Object.assign(new Error('sampler.id: further is a part of the whole core alone.'), { name: 'Elsewhere' });

/** A host in a world where time passes only when a test says so or the core works. */
function hosted() {
  let time = 0;
  /** @type {{at: number, run: () => void}[]} */
  const timers = [];
  /** @type {any[]} */
  const posted = [];
  const core = {
    updates: 0,
    busy: 0,
    overlaps: 0,
    pieces: 0,
    framing: false,
    /** @type {string[]} */
    log: [],
    /** @type {Error | null} */
    fails: null,
    whole: false,
    set: '',
    unreachable: false,
    freed: 0,
    manifest: () => `{"version":1,"whole":${core.whole}}`,
    async restore(/** @type {Uint8Array} */ state) {
      core.log.push(`restore ${state[0]}`);
    },
    free: () => core.freed++,
    config: () => '{"seed":7}',
    adapter: () => undefined,
    /** @param {string} name @param {number} [took] */
    async work(name, took = 1) {
      core.log.push(name);
      if (core.busy++) core.overlaps++;
      await tick();
      core.busy--;
      time += took;
      if (core.fails) throw core.fails;
    },
    /** @param {number} budget @param {string} mode */
    async advance(budget, mode) {
      await core.work(`advance ${mode}`, Math.max(1, budget));
      core.updates += 1;
      return 1;
    },
    async train(/** @type {number} */ n) {
      await core.work(`train ${n}`, n);
      core.updates += n;
      return { update: core.updates, loss: 0, parts: {} };
    },
    async sample(/** @type {number} */ n) {
      await core.work(`sample ${n}`, n);
      return { steps: n, acceptance: 0.5 };
    },
    async step(/** @type {string} */ grain) {
      await core.work(`step ${grain}`);
      return { grain, stage: 0, substep: 0, update: core.updates, numbers: {} };
    },
    async configure(/** @type {string} */ patch) {
      await core.work('configure');
      if (patch.includes('bad')) throw new Error('bad: is not accepted; expected good.');
      if (patch.includes('further') && !core.whole) throw elsewhere();
      core.needImages(patch);
    },
    needImages(/** @type {string} */ config) {
      const set = ['mnist', 'own'].find((name) => config.includes(name));
      if (set && !core.whole) throw elsewhere();
      if (set && core.set !== set) throw absent(set);
    },
    async giveImages(/** @type {string} */ set, /** @type {Uint8Array} */ images) {
      core.log.push(`images ${set} ${images.length}`);
      core.set = set;
      return Uint32Array.of(images.length, images.length);
    },
    async load(/** @type {string} */ config) {
      await core.work('load');
      core.needImages(config);
    },
    snapshot: async () => Uint8Array.of(core.updates),
    /** A frame waits for the device, as a readback does. */
    async frame() {
      core.log.push('frame');
      core.framing = true;
      for (let i = 0; i < 4; i++) await tick();
      core.framing = false;
      if (core.pieces > 0) core.pieces--;
      const clock = { update: core.updates, stage: null, substep: 0, steps: 0 };
      return { clock, particles: Float32Array.of(1, 2), more: core.pieces > 0 };
    },
  };
  const host = createHost({
    post: (message, transfer = []) => posted.push({ ...message, transfer }),
    load: async (choice, whole = false) => ({
      backend: { name: choice === 'webgpu' ? 'webgpu' : 'wasm', reason: 'chosen' },
      async create(backend, config) {
        if (core.unreachable && whole) throw new Error('The core could not be fetched (404).');
        if (backend === 'webgpu') throw new Error('The graphics adapter refused a device.');
        if (config.includes('broken')) throw new Error('seed: "broken" is not accepted.');
        if (config.includes('further') && !whole) throw elsewhere();
        core.whole = whole;
        core.needImages(config);
        return /** @type {any} */ (core);
      },
    }),
    async images(set, progress) {
      if (set !== 'mnist') return null;
      progress(0.5);
      return { images: new Uint8Array(3) };
    },
    now: () => time,
    breathe: tick,
    later: (run, ms) => timers.push({ at: time + ms, run }),
  });
  let id = 0;
  return {
    core,
    posted,
    host,
    /** Lets time pass until the next timer, and runs it. */
    async pass() {
      timers.sort((a, b) => a.at - b.at);
      const next = timers.shift();
      if (next) {
        time = Math.max(time, next.at);
        next.run();
      }
      for (let i = 0; i < 20; i++) await tick();
    },
    /** @param {string} method @param {unknown[]} args */
    send(method, ...args) {
      host.receive({ id: ++id, method, args });
      return id;
    },
    /** Waits for the answer to a request. @param {number} of */
    async answer(of) {
      for (let i = 0; i < 200; i++) {
        const found = posted.find((message) => message.id === of);
        if (found) return found;
        await tick();
      }
      throw new Error(`no answer to ${of}`);
    },
    frames: () => posted.filter((message) => message.event === 'frame'),
  };
}

/** A host that is open. @param {number} credit */
async function opened(credit = 0) {
  const world = hosted();
  await world.answer(world.send('open', { backend: 'auto', config: null }));
  if (credit > 0) world.host.receive({ credit });
  return world;
}

test('a browser gets the core that it can use, and the reason', async () => {
  /** @param {object | null} adapter */
  const gpu = (adapter) => ({ requestAdapter: async () => /** @type {any} */ (adapter) });
  const refusing = { requestAdapter: () => Promise.reject(new Error('blocked')) };
  const card = { info: { isFallbackAdapter: false } };
  const software = { info: { isFallbackAdapter: true } };
  assert.deepEqual(await suited('wasm', gpu(card)), { name: 'wasm', reason: 'chosen' });
  assert.deepEqual(await suited('auto', undefined), { name: 'wasm', reason: 'no-webgpu' });
  assert.deepEqual(await suited('webgpu', gpu(null)), { name: 'wasm', reason: 'no-adapter' });
  assert.deepEqual(await suited('auto', refusing), { name: 'wasm', reason: 'no-adapter' });
  assert.deepEqual(await suited('auto', gpu(software)), { name: 'wasm', reason: 'software' });
  assert.deepEqual(await suited('webgpu', gpu(software)), { name: 'webgpu', reason: 'chosen' });
  assert.deepEqual(await suited('auto', gpu(card)), { name: 'webgpu', reason: 'available' });
});

test('where the graphics card gives no device, the CPU does the same', async () => {
  const world = hosted();
  const { value } = await world.answer(world.send('open', { backend: 'webgpu', config: { seed: 'broken' } }));
  assert.deepEqual(value.backend, { name: 'wasm', reason: 'no-device' });
  assert.match(value.refused, /seed/);
});

test('opening answers with backend, manifest and config', async () => {
  const world = hosted();
  const { value } = await world.answer(world.send('open', { backend: 'auto', config: null }));
  assert.deepEqual(value, {
    backend: { name: 'wasm', reason: 'chosen' },
    manifest: { version: 1, whole: false },
    config: { seed: 7 },
  });
});

test('a config that the core refuses opens with the core’s own, and the refusal is told', async () => {
  const world = hosted();
  const { value } = await world.answer(world.send('open', { backend: 'auto', config: { seed: 'broken' } }));
  assert.equal(value.refused, 'seed: "broken" is not accepted.');
  assert.deepEqual(value.config, { seed: 7 });
});

test('commands before opening, and unknown ones, are refused in one sentence', async () => {
  const world = hosted();
  assert.match((await world.answer(world.send('train', 1))).error.message, /not open yet/);
  await world.answer(world.send('open', { backend: 'auto', config: null }));
  for (const method of ['destroy', 'constructor', '__proto__']) {
    const { error } = await world.answer(world.send(method));
    assert.match(error.message, new RegExp(`^${method} is not a command; expected one of config, `));
  }
});

test('commands run one at a time, in order, also while the clock runs', async () => {
  const world = await opened(2);
  world.send('play', { mode: 'run' });
  const last = ['configure', 'train', 'configure']
    .map((method) => world.send(method, method === 'train' ? 1 : {}))
    .at(-1);
  await world.answer(last ?? 0);
  assert.equal(world.core.overlaps, 0);
  assert.deepEqual(
    world.core.log.filter((name) => !/^(advance|frame)/.test(name)),
    ['configure', 'train 1', 'configure'],
  );
  await world.answer(world.send('pause'));
});

test('a refusal answers its request and changes nothing else', async () => {
  const world = await opened();
  const { error } = await world.answer(world.send('configure', { bad: 1 }));
  assert.equal(error.message, 'bad: is not accepted; expected good.');
  assert.ok((await world.answer(world.send('train', 1))).value);
});

test('frames go against credit: none without, no more than granted, and the page’s own buffers', async () => {
  const world = await opened();
  world.send('play', { mode: 'run' });
  for (let i = 0; i < 50; i++) await tick();
  assert.equal(world.frames().length, 0);
  world.host.receive({ credit: 2 });
  for (let i = 0; i < 200; i++) await tick();
  assert.equal(world.frames().length, 2);
  assert.equal(world.frames()[0].transfer.length, 1);
  assert.ok(world.core.updates > 10);
  world.host.receive({ credit: 1 });
  for (let i = 0; i < 50; i++) await tick();
  assert.equal(world.frames().length, 3);
  await world.answer(world.send('pause'));
});

test('a stopped clock asks for frames until there is no more to show, and then rests', async () => {
  const world = await opened(9);
  for (let i = 0; i < 60; i++) await tick();
  world.posted.length = 0;
  world.core.pieces = 3;
  await world.answer(world.send('configure', {}));
  for (let i = 0; i < 60; i++) await tick();
  assert.equal(world.core.pieces, 0);
  assert.equal(world.frames().length, 3);
  assert.ok(world.frames().every(({ frame }) => !('more' in frame)));
});

test('a slice that meets a frame which has the engine to itself is taken again after it', async () => {
  const world = await opened(1);
  const { advance } = world.core;
  let refusals = 0;
  world.core.advance = (budget, mode) => {
    if (!world.core.framing) return advance(budget, mode);
    refusals++;
    return Promise.reject(new Error('The engine is still at work on the command before.'));
  };
  await world.answer(world.send('play', { mode: 'run' }));
  for (let i = 0; i < 60; i++) await tick();
  assert.ok(refusals > 0);
  assert.ok(world.core.updates > 5);
  assert.ok(!world.posted.some((message) => message.event === 'fatal'));
  await world.answer(world.send('pause'));
});

test('training in pieces does exactly what was asked, and shows frames on the way', async () => {
  const world = await opened(2);
  const { value } = await world.answer(world.send('train', 1234));
  assert.equal(value.update, 1234);
  assert.equal(world.core.updates, 1234);
  assert.ok(world.core.log.filter((name) => name.startsWith('train')).length > 5);
  assert.ok(world.frames().length > 0);
});

test('sampling in pieces adds up its steps and averages its acceptance', async () => {
  const world = await opened();
  const { value } = await world.answer(world.send('sample', 300));
  assert.equal(value.steps, 300);
  assert.ok(Math.abs(value.acceptance - 0.5) < 1e-12);
});

test('slow motion steps by its grain at its pace, and says what each step did', async () => {
  const world = await opened(2);
  await world.answer(world.send('pace', { grain: 'stage', perSecond: 2 }));
  await world.answer(world.send('play', { mode: 'run' }));
  for (let i = 0; i < 20; i++) await tick();
  const steps = () => world.core.log.filter((name) => name === 'step stage').length;
  assert.equal(steps(), 1);
  await world.pass();
  await world.pass();
  assert.equal(steps(), 3);
  world.host.receive({ credit: 4 });
  await world.pass();
  assert.equal(world.frames().at(-1).frame.event.grain, 'stage');
  await world.answer(world.send('pause'));
});

test('a step stops the clock', async () => {
  const world = await opened(9);
  await world.answer(world.send('play', { mode: 'run' }));
  await world.answer(world.send('step', 'update'));
  const { updates } = world.core;
  for (let i = 0; i < 60; i++) await tick();
  assert.equal(world.core.updates, updates);
  assert.equal(world.frames().at(-1).frame.playing, false);
});

test('a running clock is saved again and again, a resting one is not', async () => {
  const world = await opened();
  world.host.keep();
  await world.answer(world.send('train', 3));
  await world.pass();
  const saved = () => world.posted.filter((message) => message.event === 'checkpoint').length;
  assert.equal(saved(), 1);
  await world.pass();
  assert.equal(saved(), 1);
});

test('an error of the running clock is fatal, once', async () => {
  const world = await opened();
  world.core.fails = new Error('The GPU device was lost.');
  world.send('play', { mode: 'run' });
  for (let i = 0; i < 50; i++) await tick();
  assert.deepEqual(
    world.posted.filter((message) => message.event === 'fatal').map(({ message }) => message),
    ['The GPU device was lost.'],
  );
});

test('a trap of the core answers its request and is fatal', async () => {
  const world = await opened();
  world.core.fails = new WebAssembly.RuntimeError('unreachable');
  const { error } = await world.answer(world.send('train', 1));
  assert.equal(error.message, 'unreachable');
  assert.equal(world.posted.at(-1).event, 'fatal');
});

test('pings are answered at once', () => {
  const world = hosted();
  world.host.receive({ ping: 3 });
  assert.equal(world.posted[0].pong, 3);
});

test('every buffer of a message is found once', () => {
  const shared = new Float32Array(4);
  const found = transferables({ a: shared, b: [shared.subarray(1), { c: new Uint8Array(2) }], d: null, e: 1 });
  assert.deepEqual(found.map(({ byteLength }) => byteLength).sort(), [16, 2]);
});

test('a part that the first core lacks brings the whole one, with the run as it was', async () => {
  const { core, posted, send, answer } = await opened();
  await answer(send('train', 3));
  assert.deepEqual((await answer(send('configure', { sampler: { id: 'further' } }))).value, { seed: 7 });
  assert.deepEqual(core.log.slice(-3), ['configure', 'restore 3', 'configure']);
  assert.equal(core.freed, 1);
  const grown = posted.findIndex((message) => message.event === 'grown');
  assert.equal(posted[grown].manifest.whole, true);
  assert.ok(grown < posted.length - 1, 'the page knows the parts before the answer comes');
  await answer(send('everyPart'));
  await answer(send('configure', { sampler: { id: 'further' } }));
  assert.equal(core.freed, 1, 'nothing is left to fetch');
});

test('a link to a part that the first core lacks opens the whole one', async () => {
  const { core, send, answer } = hosted();
  const { value } = await answer(send('open', { backend: 'auto', config: { sampler: { id: 'further' } } }));
  assert.equal(value.refused, undefined);
  assert.ok(value.manifest.whole && core.whole);
});

test('images that the core lacks are fetched, handed over, and the command is given again', async () => {
  const { core, posted, send, answer } = await opened();
  assert.deepEqual((await answer(send('configure', { data: 'mnist' }))).value, { seed: 7 });
  assert.deepEqual(core.log.slice(-5), ['configure', 'restore 0', 'configure', 'images mnist 3', 'configure']);
  const shares = posted.filter((message) => message.event === 'fetching').map(({ share }) => share);
  assert.deepEqual(shares, [0, 0.5, 1]);
  const refused = await answer(send('configure', { data: 'own' }));
  assert.match(refused.error.message, /the images of own are not here/);
  assert.deepEqual([...(await answer(send('giveImages', 'own', new Uint8Array(5)))).value], [5, 5]);
  assert.deepEqual((await answer(send('configure', { data: 'own' }))).value, { seed: 7 });
});

test('a link to an experiment on images opens with its images', async () => {
  const { core, send, answer } = hosted();
  const { value } = await answer(send('open', { backend: 'auto', config: { data: 'mnist' } }));
  assert.equal(value.refused, undefined);
  assert.deepEqual(core.log.slice(0, 2), ['images mnist 3', 'load']);
  const { value: other } = await answer(send('open', { backend: 'auto', config: { data: 'own' } }));
  assert.match(other.refused, /the images of own are not here/);
});

test('rounds are counted out one by one, and frames come between them', async () => {
  const { core, frames, send, answer } = await opened(100);
  core.log.length = 0;
  await answer(send('rounds', 120));
  assert.equal(core.log.filter((entry) => entry === 'advance run').length, 120);
  assert.equal(core.updates, 120);
  assert.ok(frames().length >= 2, `${frames().length} frames`);
  assert.equal(core.overlaps, 0);
});

test('a whole core that cannot be fetched is a refusal, and the first one goes on', async () => {
  const { core, send, answer } = await opened();
  core.unreachable = true;
  assert.match((await answer(send('configure', { sampler: { id: 'further' } }))).error.message, /could not be fetched/);
  assert.equal((await answer(send('train', 2))).value.update, 2);
  assert.equal(core.freed, 0);
});

/** Workers that a test plays, and a client of them. */
function clientOf() {
  /** @type {any[]} */
  const workers = [];
  /** @type {string[]} */
  const faults = [];
  /** @type {string[]} */
  const failures = [];
  /** @type {any[]} */
  const manifests = [];
  let frames = 0;
  const client = createClient({
    now: () => 0,
    spawn() {
      const worker = {
        /** @type {any[]} */
        sent: [],
        ended: false,
        /** @type {any} */
        onmessage: null,
        /** @type {any} */
        onerror: null,
        postMessage: (/** @type {any} */ message) => worker.sent.push(message),
        terminate() {
          worker.ended = true;
        },
        /** Answers the last request. @param {unknown} value */
        reply(value) {
          worker.onmessage({ data: { id: worker.sent.findLast((/** @type {any} */ m) => 'id' in m).id, value } });
        },
        /** Answers every request with nothing, until there is no more. */
        async nod() {
          const answered = new Set();
          for (let i = 0; i < 30; i++) {
            for (const message of worker.sent) {
              if (!('id' in message) || answered.has(message.id)) continue;
              answered.add(message.id);
              worker.onmessage({ data: { id: message.id, value: message.method === 'open' ? OPENED : undefined } });
            }
            await tick();
          }
        },
        methods: () => worker.sent.filter((/** @type {any} */ m) => 'id' in m).map((/** @type {any} */ m) => m.method),
      };
      workers.push(worker);
      return worker;
    },
    handlers: {
      frame: () => frames++,
      opened() {},
      grown: (manifest) => manifests.push(manifest),
      fault: (cause) => faults.push(cause),
      failed: (cause) => failures.push(cause),
    },
  });
  return { client, workers, faults, failures, manifests, frames: () => frames };
}
const CLOCK = { update: 1, stage: null, substep: 0, steps: 0 };
const OPENED = { backend: { name: 'webgpu' }, manifest: {}, config: { seed: 7 } };

/** @param {'auto' | 'webgpu' | 'wasm'} [backend] */
async function openClient(backend = 'auto') {
  const world = clientOf();
  const opening = world.client.open({ backend, config: null });
  world.workers[0].reply(OPENED);
  await opening;
  return world;
}

test('whatever is asked of the engine goes to the worker, and the engine can be awaited', async () => {
  const { client, workers } = await openClient();
  const engine = await client.engine;
  engine.heldOut().catch(() => {});
  await tick();
  assert.equal(workers[0].methods().at(-1), 'heldOut');
  client.close();
});

test('calls wait until the engine is open', async () => {
  const { client, workers } = clientOf();
  const opening = client.open({ backend: 'auto', config: null });
  const call = client.engine.metrics();
  await tick();
  assert.deepEqual(workers[0].methods(), ['open']);
  workers[0].reply(OPENED);
  await opening;
  await tick();
  assert.deepEqual(workers[0].methods(), ['open', 'metrics']);
  workers[0].reply({ nll: 3 });
  assert.deepEqual(await call, { nll: 3 });
  client.close();
});

test('credit is granted on opening and given back for each frame that was drawn', async () => {
  const { client, workers, frames } = await openClient();
  const frame = { clock: { update: 1, stage: null, substep: 0, steps: 0 } };
  for (let i = 0; i < 2; i++) workers[0].onmessage({ data: { event: 'frame', frame } });
  assert.equal(frames(), 2);
  client.drawn();
  client.drawn();
  assert.deepEqual(
    workers[0].sent.filter((/** @type {any} */ m) => 'credit' in m),
    [{ credit: 2 }, { credit: 2 }],
  );
  client.close();
});

test('after a fault the next worker goes on from the last checkpoint with what the clock was doing', async () => {
  const { client, workers, faults } = await openClient();
  const asked = [
    client.engine.play({ mode: 'sample' }),
    client.engine.speed(30),
    client.engine.view({ extent: [-4, 4, -4, 4], resolution: 64, arrows: 0 }),
  ];
  await workers[0].nod();
  await Promise.all(asked);
  workers[0].onmessage({ data: { event: 'checkpoint', state: Uint8Array.of(42), config: { seed: 9 } } });
  const lost = client.engine.train(1);
  await tick();
  workers[0].onmessage({ data: { event: 'fatal', message: 'The GPU device was lost.' } });
  await assert.rejects(lost, LostCall);
  assert.equal(workers[0].ended, true);
  assert.deepEqual(faults, ['The GPU device was lost.']);

  const waiting = client.engine.metrics();
  await workers[1].nod();
  await waiting;
  assert.deepEqual(workers[1].methods(), ['open', 'restore', 'view', 'speed', 'pace', 'play', 'metrics']);
  const [open, restore, , , , play] = workers[1].sent;
  assert.deepEqual(open.args, [{ backend: 'auto', config: { seed: 9 } }]);
  assert.deepEqual([...restore.args[0]], [42]);
  assert.deepEqual(play.args, [{ mode: 'sample' }]);
  client.close();
});

test('a clock that the guard stopped stays stopped after a fault', async () => {
  const { client, workers } = await openClient();
  const asked = client.engine.play({ mode: 'run' });
  await workers[0].nod();
  await asked;
  const frame = { clock: CLOCK, playing: false, guard: { code: 'not-finite' } };
  workers[0].onmessage({ data: { event: 'frame', frame } });
  workers[0].onmessage({ data: { event: 'fatal', message: 'gone' } });
  await workers[1].nod();
  assert.ok(!workers[1].methods().includes('play'));
  client.close();
});

test('a frame from before the clock was started does not keep it from going on after a fault', async () => {
  const { client, workers } = await openClient();
  const asked = client.engine.play({ mode: 'run' });
  workers[0].onmessage({ data: { event: 'frame', frame: { clock: CLOCK, playing: false } } });
  await workers[0].nod();
  await asked;
  workers[0].onmessage({ data: { event: 'fatal', message: 'gone' } });
  await workers[1].nod();
  assert.ok(workers[1].methods().includes('play'));
  client.close();
});

test('what a terminated worker still says is not heard', async () => {
  const { client, workers, frames } = await openClient();
  workers[0].onmessage({ data: { event: 'fatal', message: 'gone' } });
  workers[0].onmessage?.({ data: { event: 'frame', frame: { clock: { update: 1 } } } });
  assert.equal(frames(), 0);
  client.close();
});

test('a checkpoint that is not taken back is given up, and the run starts from its config', async () => {
  const { client, workers } = await openClient();
  workers[0].onmessage({ data: { event: 'checkpoint', state: Uint8Array.of(1), config: { seed: 9 } } });
  workers[0].onmessage({ data: { event: 'fatal', message: 'gone' } });
  workers[1].reply(OPENED);
  await tick();
  const { id } = workers[1].sent.at(-1);
  workers[1].onmessage({ data: { id, error: { message: 'snapshot: is not accepted.' } } });
  await tick();
  await workers[2].nod();
  assert.ok(!workers[2].methods().includes('restore'));
  client.close();
});

test('a GPU that fails again and again gives way to the CPU, and a CPU that does ends it', async () => {
  const { workers, failures } = await openClient('webgpu');
  for (let i = 0; failures.length === 0; i++) {
    assert.ok(i < 20);
    await workers.at(-1).nod();
    workers.at(-1).onmessage({ data: { event: 'fatal', message: 'gone' } });
    await tick();
  }
  const backends = workers.map((worker) => worker.sent[0].args[0].backend);
  assert.deepEqual(backends, [...backends].sort().reverse());
  assert.deepEqual(new Set(backends), new Set(['webgpu', 'wasm']));
  assert.deepEqual(failures, ['gone']);
});

test('a client that is closed leaves nobody waiting', async () => {
  const { client, workers } = await openClient();
  const call = client.engine.train(5);
  for (let i = 0; i < 3; i++) await tick();
  client.close();
  await assert.rejects(call, LostCall);
  assert.equal(workers.length, 1);
});

test('a client that is closed while its worker is being replaced leaves no worker behind', async () => {
  const { client, workers } = await openClient();
  workers[0].onmessage({ data: { event: 'fatal', message: 'gone' } });
  await tick();
  assert.equal(workers.length, 2);
  client.close();
  await workers[1].nod();
  assert.deepEqual(
    workers.map(({ ended }) => ended),
    [true, true],
  );
  await assert.rejects(client.engine.config(), LostCall);
});

test('a worker that no longer answers is replaced', { timeout: 20_000 }, async () => {
  const { client, workers, faults } = await openClient();
  while (faults.length === 0) await new Promise((later) => setTimeout(later, 200));
  assert.deepEqual(faults, ['worker-silent']);
  assert.equal(workers.length, 2);
  assert.ok(workers[0].sent.some((/** @type {any} */ m) => 'ping' in m));
  client.close();
});
