// Requests to this server's own routes. What it refuses comes as a Refusal with the problem's slug.

export const SIGN_IN = "/inbox/sign-in";

let csrf = "";

export class Refusal extends Error {
  constructor(slug, problem, waitS) {
    super(problem.detail ?? slug);
    this.slug = slug;
    this.problem = problem;
    this.waitS = waitS;
  }
}

export function keepCsrf(token) {
  csrf = token;
}

// GET without a body, POST with one. Gives the response, of which the status may matter.
export async function request(path, body) {
  const options = { headers: { Accept: "application/json" }, cache: "no-store" };
  if (body !== undefined) {
    options.method = "POST";
    options.headers["Content-Type"] = "application/json";
    options.headers["X-CSRF-Token"] = csrf;
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Refusal("offline", {}, 0);
  }
  if (response.ok) return response;
  throw await refusal(response);
}

export async function call(path, body) {
  const response = await request(path, body);
  return response.status === 204 ? null : response.json();
}

async function refusal(response) {
  const problem = await response.json().catch(() => ({}));
  const slug = (problem.type ?? "").replace("/problems/", "") || "internal-error";
  if (slug === "sign-in-needed") location.assign(SIGN_IN);
  return new Refusal(slug, problem, Number(response.headers.get("Retry-After") ?? 0));
}
