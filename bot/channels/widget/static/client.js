// Conversations over HTTP: problems as errors, replies as events, cut connections resumed.

const RESUMES = 3;
const PAUSE_MS = 1000;

export class ProblemError extends Error {
  constructor(slug) {
    super(slug);
    this.slug = slug;
  }
}

async function request(path, { token, headers = {}, ...options } = {}) {
  const authorization = token ? { Authorization: `Bearer ${token}` } : {};
  let response;
  try {
    response = await fetch(path, { ...options, headers: { ...headers, ...authorization } });
  } catch {
    throw new ProblemError("offline");
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  throw new ProblemError(String(problem.type ?? "").split("/").pop() || "failed");
}

function post(path, body, { headers = {}, ...options } = {}) {
  return request(path, {
    ...options,
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

export async function startConversation(locale) {
  return (await post("v1/conversations", { locale })).json();
}

export async function showConversation({ conversation, token }) {
  return (await request(`v1/conversations/${conversation}`, { token })).json();
}

// Events of one turn: {id, name, data}. A cut connection is taken up where it ended.
export async function* ask({ conversation, token }, { text, key }, signal) {
  const path = `v1/conversations/${conversation}/messages`;
  const body = { text, client_message_id: key };
  let lastId = null;
  for (let attempt = 0; ; attempt++) {
    try {
      const headers = { Accept: "text/event-stream" };
      if (lastId) headers["Last-Event-ID"] = lastId;
      const response = await post(path, body, { token, headers, signal });
      for await (const event of readEvents(response.body)) {
        lastId = event.id;
        yield event;
        if (event.name === "done") return;
        if (event.name === "error") throw new ProblemError("failed");
      }
    } catch (error) {
      const cut = !(error instanceof ProblemError) || error.slug === "offline";
      if (!cut || signal.aborted) throw error;
    }
    if (attempt >= RESUMES) throw new ProblemError("offline");
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** attempt));
    if (signal.aborted) throw new ProblemError("offline");
  }
}

async function* readEvents(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (buffer + value).split("\n\n");
      buffer = blocks.pop();
      for (const block of blocks) {
        const event = parseEvent(block);
        if (event.name) yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function parseEvent(block) {
  const fields = {};
  for (const line of block.split("\n")) {
    const colon = line.indexOf(": ");
    if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 2);
  }
  return { id: fields.id, name: fields.event, data: fields.data ? JSON.parse(fields.data) : null };
}
