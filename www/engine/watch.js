/**
 * Notices a worker that has died without a word. Pings go out every second; what counts is how many stay unanswered, not how
 * much time passes, so that a sleeping computer or a throttled tab raises no alarm.
 */

/** Time between pings, in milliseconds. */
const BEAT = 1000;

/** Unanswered pings until the worker counts as lost; longer than any single piece of work in it. */
const PATIENCE = 6;

/** @param {{ping: (n: number) => void, lost: () => void}} options */
export function createWatch({ ping, lost }) {
  let unanswered = 0;
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
      timer = setInterval(() => {
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
