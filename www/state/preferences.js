/** What the visitor prefers: theme and motion, from the system until a choice is made; the choice is remembered. */

/** @import {Store} from './store.js' */

/** Where the choice of theme is kept; the head of the page reads it before the first paint. */
const THEME = 'ebm-theme';

/** @param {Store} store */
export function followPreferences(store) {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const still = matchMedia('(prefers-reduced-motion: reduce)');

  const applyTheme = () => {
    const theme = remembered() ?? (dark.matches ? 'dark' : 'light');
    document.documentElement.dataset.theme = theme;
    store.theme.value = theme;
  };
  const applyMotion = () => {
    store.motion.value = still.matches ? 'reduced' : 'full';
  };
  dark.addEventListener('change', applyTheme);
  still.addEventListener('change', applyMotion);
  applyTheme();
  applyMotion();

  return {
    toggleTheme() {
      const theme = store.theme.value === 'dark' ? 'light' : 'dark';
      try {
        localStorage.setItem(THEME, theme);
      } catch {
        // Without storage the choice holds until the page is left.
      }
      document.documentElement.dataset.theme = theme;
      store.theme.value = theme;
    },
  };
}

/** @returns {'light' | 'dark' | null} */
function remembered() {
  try {
    const theme = localStorage.getItem(THEME);
    return theme === 'light' || theme === 'dark' ? theme : null;
  } catch {
    return null;
  }
}
