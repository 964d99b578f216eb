/** Fetches files that are large enough for a visitor to wait for. */

/**
 * The bytes of a file of the site.
 * @param {string} address @param {number} patience Milliseconds after which a stalled connection is given up.
 * @param {(share: number) => void} [progress] Told how much of it is there, from 0 to 1.
 * @returns {Promise<Uint8Array>}
 */
export async function fetchWhole(address, patience, progress = () => {}) {
  const response = await fetch(address, { signal: AbortSignal.timeout(patience) });
  if (!response.ok || !response.body) throw new Error(`A file of this page could not be fetched (${response.status}).`);
  const length = Number(response.headers.get('Content-Length') ?? 0);
  const reader = response.body.getReader();
  /** @type {Uint8Array[]} */
  const pieces = [];
  let held = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    pieces.push(next.value);
    held += next.value.length;
    // A length that a host tells of what it packed once more says nothing.
    if (length > 0) progress(Math.min(1, held / length));
  }
  const bytes = new Uint8Array(held);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
