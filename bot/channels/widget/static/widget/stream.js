// Server-sent events over fetch, which unlike EventSource can carry a token and a body.

const SILENCE_MS = 45_000; // three heartbeats of the server that did not come

// Yields {id, name, data, retryMs}; ends with the stream, throws when it breaks or falls silent.
export async function* readEvents(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  try {
    for (;;) {
      const { done, value } = await inTime(reader.read());
      if (done) return;
      const blocks = (buffer + value).split(/\r?\n\r?\n/);
      buffer = blocks.pop();
      yield* blocks.map(parseEvent).filter((event) => event.name || event.retryMs);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

async function inTime(read) {
  let timer;
  const silence = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("silent")), SILENCE_MS);
  });
  try {
    return await Promise.race([read, silence]);
  } finally {
    clearTimeout(timer);
  }
}

function parseEvent(block) {
  const fields = {};
  for (const line of block.split(/\r?\n/)) {
    const [, name, value] = line.match(/^(\w+): ?(.*)$/) ?? [];
    if (name) fields[name] = value;
  }
  return {
    id: fields.id,
    name: fields.event,
    data: fields.data ? JSON.parse(fields.data) : null,
    retryMs: Number(fields.retry) || 0,
  };
}

// Twice as long each time, never in step with the others who wait.
export function backoffMs(attempt, first = 1000, longest = 30_000) {
  return Math.min(longest, first * 2 ** attempt) * (0.5 + Math.random() / 2);
}

// Ends early when the signal aborts or the connection comes back.
export function pause(ms, signal) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    addEventListener("online", end);
    signal?.addEventListener("abort", end);
    if (signal?.aborted) end();
  });
}
