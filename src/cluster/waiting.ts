/** Milliseconds after which a wait is told of, and between two such lines. */
const FIRST = 15_000;
const AGAIN = 60_000;

/** Tells by a warning that a wait takes long, now and then until it ends. `what`: for whom and what, as it is then. */
export async function watched<T>(waiting: Promise<T>, what: () => string): Promise<T> {
  const begin = performance.now();
  let timer: NodeJS.Timeout;
  const tell = () => {
    const seconds = Math.round((performance.now() - begin) / 1000);
    process.emitWarning(`${what()} since ${seconds} s.`, 'BanyanWarning');
    timer = setTimeout(tell, AGAIN).unref();
  };
  timer = setTimeout(tell, FIRST).unref();
  try {
    return await waiting;
  } finally {
    clearTimeout(timer);
  }
}
