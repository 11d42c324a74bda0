/** Reads a colour of the style sheet, as it is now: a canvas has no style sheet. */
export function colour(name: 'ink' | 'faint' | 'line' | 'accent' | 'ground'): string {
  // Only a used value says which of light and dark it is.
  const probe = document.createElement('i');
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Calls back when light becomes dark, or dark light. */
export function onTheme(call: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', call);
}
