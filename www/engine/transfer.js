/** Which buffers of a message can move to the other side instead of being copied. */

/**
 * The buffers of all typed arrays in a plain value, each once.
 * @param {unknown} value
 * @returns {ArrayBuffer[]}
 */
export function transferables(value) {
  /** @type {Set<ArrayBuffer>} */
  const found = new Set();
  /** @param {unknown} node */
  const walk = (node) => {
    if (ArrayBuffer.isView(node)) {
      if (node.buffer instanceof ArrayBuffer) found.add(node.buffer);
    } else if (Array.isArray(node)) node.forEach(walk);
    else if (node !== null && typeof node === 'object') Object.values(node).forEach(walk);
  };
  walk(value);
  return [...found];
}
