/** Files of weights (safetensors) put together under new names: a length, a header in JSON, and the tensors behind it. */

/**
 * The tensors of all files in one, each with its file's prefix before its name; of the metadata nothing is kept.
 * @param {{prefix: string, bytes: Uint8Array}[]} files
 */
export function join(files) {
  /** @type {Record<string, object>} */
  const header = {};
  /** @type {Uint8Array[]} */
  const bodies = [];
  let length = 0;
  for (const { prefix, bytes } of files) {
    const size = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
    const { __metadata__: _, ...tensors } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + size)));
    for (const [name, tensor] of Object.entries(tensors)) {
      const offsets = tensor.data_offsets.map((/** @type {number} */ at) => at + length);
      header[`${prefix}${name}`] = { ...tensor, data_offsets: offsets };
    }
    const body = bytes.subarray(8 + size);
    bodies.push(body);
    length += body.length;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  // The format wants the tensors to begin at a multiple of eight.
  const padded = 8 * Math.ceil(text.length / 8);
  const out = new Uint8Array(8 + padded + length).fill(0x20, 8, 8 + padded);
  new DataView(out.buffer).setBigUint64(0, BigInt(padded), true);
  out.set(text, 8);
  let at = 8 + padded;
  for (const body of bodies) {
    out.set(body, at);
    at += body.length;
  }
  return out;
}
