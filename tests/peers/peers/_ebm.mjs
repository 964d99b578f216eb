// This project's core on either backend, from pkg/, which `cargo xtask bench` builds. It has no hand-written gradients:
// the plain workloads alone.
import * as spec from '../lib/spec.mjs';

let core;

/** Fetches and compiles the core. */
export async function start() {
  core = await import('/ebm/ebm.js');
  await core.default();
}

/** All parameters in one vector. spec.mjs stores weights [in, out], the core [out, in]. */
function flat(list) {
  const parts = list.map(({ shape, data }) => {
    if (shape.length === 1) return data;
    const [rows, columns] = shape;
    return data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)]);
  });
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

const training = (workload) => ({
  step: (n) => workload.step(n),
  chains: () => workload.chains(),
  async evaluate() {
    const [loss, gnorm] = await workload.evaluate();
    return { loss, gnorm };
  },
});

export async function dsm2d(backend) {
  return training(await core.Workload.dsm2d(backend, flat(spec.mlpParams()), spec.points(), spec.evalNoise()));
}

export async function pcd2d(backend) {
  const [parameters, points, fakes, chains] = [flat(spec.mlpParams()), spec.points(), spec.evalFakes(), spec.chainInit()];
  return training(await core.Workload.pcd2d(backend, parameters, points, fakes, chains));
}

export async function mnistcd(backend) {
  const list = spec.cnnParams();
  // Convolutions are stored as the core has them, linear layers are not.
  const parameters = Float32Array.from([...list.slice(0, 8).flatMap(({ data }) => [...data]), ...flat(list.slice(8))]);
  const chains = new spec.ImageBuffer().data;
  const workload = await core.Workload.mnistcd(backend, parameters, spec.images(), spec.imgEvalFakes(), chains);
  let samples;
  return {
    async step(n, K = spec.img.K) {
      const last = await workload.stepImages(n, K);
      samples = last.subarray(1);
      return last[0];
    },
    async evaluate() {
      const [loss, gnorm] = await workload.evaluate();
      return { loss, gnorm };
    },
    fakes: () => samples,
  };
}

/** All particles on one device. */
export function langevin2d(backend) {
  return core.Workload.langevin2d(backend, flat(spec.langevinParams()), spec.particleInit(), 1);
}

/** What a worker of langevin2dInWorkers runs: a core of its own and a part of the particles. */
const worker = (address) => `
  import init, { Workload } from '${address}';
  let workload;
  const commands = {
    async open(parameters, particles, seed) {
      await init();
      workload = await Workload.langevin2d('wasm', parameters, particles, seed);
    },
    run: (n) => workload.run(n),
  };
  onmessage = async ({ data: [command, ...args] }) => {
    try {
      postMessage({ value: await commands[command](...args) });
    } catch (error) {
      postMessage({ error: String(error) });
    }
  };`;

/** One command to a worker at a time. */
const ask = (to, ...message) => new Promise((resolve, reject) => {
  to.onmessage = ({ data: { value, error } }) => (error ? reject(new Error(error)) : resolve(value));
  to.onerror = (event) => reject(new Error(event.message));
  to.postMessage(message);
});

/** The particles do not see each other, so each processor takes a share of them, with random numbers of its own. */
export async function langevin2dInWorkers() {
  const script = new Blob([worker(new URL('/ebm/ebm.js', location.href))], { type: 'text/javascript' });
  const address = URL.createObjectURL(script);
  const count = Math.max(1, navigator.hardwareConcurrency ?? 1);
  const parameters = flat(spec.langevinParams()), particles = spec.particleInit();
  const border = (i) => 2 * Math.round((i * spec.toy.particles) / count);
  const workers = await Promise.all(Array.from({ length: count }, async (_, i) => {
    const one = new Worker(address, { type: 'module' });
    await ask(one, 'open', parameters, particles.slice(border(i), border(i + 1)), i + 1);
    return one;
  }));
  return {
    async run(n) {
      const positions = new Float32Array(particles.length);
      const parts = await Promise.all(workers.map((one) => ask(one, 'run', n)));
      parts.forEach((part, i) => positions.set(part, border(i)));
      return positions;
    },
  };
}
