/**
 * Sends the values of a dial that is being turned: one at a time, and of those that come meanwhile only the newest.
 */

/**
 * @template T
 * @param {(value: T) => Promise<unknown>} send Must not reject.
 * @returns {(value: T) => Promise<void>} Resolves when this value, or a newer one, has arrived.
 */
export function createDial(send) {
  /** @type {Promise<void> | null} */
  let busy = null;
  /** @type {{value: T} | null} */
  let next = null;

  return (value) => {
    next = { value };
    busy ??= (async () => {
      while (next !== null) {
        const { value: newest } = next;
        next = null;
        await send(newest);
      }
      busy = null;
    })();
    return busy;
  };
}
