// A page's side of the events, without a page.
export interface Message {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it
  readonly data: any;
}

/** Where a page hears the events: with the token of its own address. */
export const eventsOf = (url: string): string => new URL(`events${new URL(url).search}`, url).href;

/** Begins to listen to the server's events, until it ends or `enough` says so. */
export async function listen(url: string, enough: (messages: readonly Message[]) => boolean = () => false) {
  const control = new AbortController();
  const response = await fetch(eventsOf(url), { signal: control.signal });
  const read = async () => {
    const messages: Message[] = [];
    let text = '';
    const decoder = new TextDecoder();
    for await (const bytes of response.body!) {
      text += decoder.decode(bytes, { stream: true });
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const [, name, data] = /^event: (\w+)\ndata: (.*)$/s.exec(text.slice(0, end)) ?? [];
        text = text.slice(end + 2);
        if (name !== undefined) messages.push({ name, data: JSON.parse(data!) });
      }
      if (enough(messages)) break;
    }
    control.abort();
    return messages;
  };
  return { messages: read() };
}
