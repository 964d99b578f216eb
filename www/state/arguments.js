/** Arguments of calls of the scripting interface, checked. */

/** @param {string} name Of the call. @param {ArrayLike<number>} x */
export function floats(name, x) {
  if (!ArrayBuffer.isView(x) && !Array.isArray(x))
    throw new Error(`${name}: ${typeof x} is not accepted; expected a Float32Array or an array of numbers.`);
  return Float32Array.from(/** @type {ArrayLike<number>} */ (x));
}

/** @param {string} name Of the call. @param {unknown} x */
export function bytes(name, x) {
  if (x instanceof ArrayBuffer) return new Uint8Array(x);
  if (!(x instanceof Uint8Array))
    throw new Error(`${name}: ${typeof x} is not accepted; expected the bytes of an IDX file, a Uint8Array.`);
  return x;
}

/** @param {string} name Of the call. @param {ArrayLike<number>} x @returns {[number, number]} */
export function pair(name, x) {
  const values = floats(name, x);
  if (values.length !== 2) throw new Error(`${name}: ${values.length} numbers are not accepted; expected two, [x, y].`);
  return [x[0], x[1]];
}
