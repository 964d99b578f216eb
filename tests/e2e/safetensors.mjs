// Reads safetensors and evaluates the exported energy network, written from the format's and the model's descriptions alone.

/**
 * @param {Uint8Array} bytes
 * @returns {{metadata: Record<string, string>, tensors: Record<string, {shape: number[], values: Float32Array}>}}
 */
export function readSafetensors(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const { __metadata__: metadata = {}, ...entries } = header;
  const tensors = Object.fromEntries(
    Object.entries(entries).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        if (dtype !== 'F32') throw new Error(`${name} holds ${dtype}`);
        return [name, { shape, values: new Float32Array(bytes.slice(8 + length + from, 8 + length + to).buffer) }];
      },
    ),
  );
  return { metadata, tensors };
}

/**
 * E(x) = MLP(φ(x)) + |x|²/(2c²) with SiLU layers, in double precision. x: [2n] → [n].
 * φ(x) = [x, sin(ωx), cos(ωx)] for ω = π/4 · {1, 2, 4}, all sines first; or x itself.
 * @param {ReturnType<typeof readSafetensors>} file
 * @param {ArrayLike<number>} x
 */
export function energyOf({ metadata, tensors }, x) {
  const { model } = JSON.parse(metadata.config);
  if (model.id !== 'mlp' || model.activation !== 'silu') throw new Error(`no energy is known for ${metadata.config}`);
  const layers = Object.keys(tensors).filter((name) => /^layers\.\d+\.weight$/.test(name)).length;
  return Array.from({ length: x.length / 2 }, (_, i) => {
    const point = [x[2 * i], x[2 * i + 1]];
    let h = model.features === 'fourier' ? fourier(point) : point;
    for (let k = 0; k < layers; k++) {
      const { shape, values } = tensors[`layers.${k}.weight`];
      const bias = tensors[`layers.${k}.bias`].values;
      h = Array.from({ length: shape[0] }, (_, row) => {
        const sum = h.reduce((s, v, column) => s + v * values[row * shape[1] + column], bias[row]);
        return k + 1 < layers ? sum / (1 + Math.exp(-sum)) : sum;
      });
    }
    const square = point[0] ** 2 + point[1] ** 2;
    return h[0] + (model.confinement > 0 ? square / (2 * model.confinement ** 2) : 0);
  });
}

/** @param {number[]} point */
function fourier(point) {
  const waves = (/** @type {(v: number) => number} */ wave) =>
    [1, 2, 4].flatMap((k) => point.map((v) => wave((v * k * Math.PI) / 4)));
  return [...point, ...waves(Math.sin), ...waves(Math.cos)];
}
