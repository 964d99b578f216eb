/** Questions to the core that come again and again: one at a time, with a pause behind each. */

/**
 * Runs `task` at most once at a time and no more often than every `pause` ms; what is asked for meanwhile comes behind, once.
 * @param {() => Promise<void>} task @param {() => number} pause @param {(error: unknown) => void} refused
 */
export function paced(task, pause, refused) {
  let busy = false;
  let again = false;
  const run = async () => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    await task().catch(refused);
    setTimeout(() => {
      busy = false;
      if (again) {
        again = false;
        run();
      }
    }, pause());
  };
  return run;
}
