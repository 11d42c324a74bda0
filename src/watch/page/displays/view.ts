/** A part of a display in the page. */
export interface View {
  readonly element: HTMLElement;
  /** Whether someone looks at it or listens to it just now: then it should stay. */
  readonly busy?: boolean;
  /** Gives back what it holds outside the page. */
  close?(): void;
}
