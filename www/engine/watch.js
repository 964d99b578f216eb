/**
 * Notices a worker that has died without a word. Pings go out every second; what counts is how many stay unanswered, not how
 * much time passes, so that a sleeping computer, a throttled tab or a machine that is busy with other things raises no alarm.
 */

/** Time between pings, in milliseconds. */
const BEAT = 1000;

/** A beat that comes this late says that the machine has no time for the page, and nothing about the worker. */
const LATE = 1.5 * BEAT;

/** Unanswered pings until the worker counts as lost; longer than any single piece of work in it. */
const PATIENCE = 8;

/** @param {{ping: (n: number) => void, lost: () => void}} options */
export function createWatch({ ping, lost }) {
  let unanswered = 0;
  let last = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;

  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };

  return {
    start() {
      stop();
      unanswered = 0;
      last = performance.now();
      timer = setInterval(() => {
        const late = performance.now() - last > LATE;
        last = performance.now();
        if (late) return;
        if (unanswered >= PATIENCE) {
          stop();
          lost();
        } else ping(++unanswered);
      }, BEAT);
    },
    stop,

    /** The worker said something. */
    heard() {
      unanswered = 0;
    },
  };
}
