// The entry: who is signed in, then the workplace.

import { Api } from "./api.js";
import { Clocks } from "./clocks.js";
import { failure } from "./empty.js";
import { People } from "./people.js";
import { applyTheme } from "./theme.js";
import { Times } from "./times.js";
import { Toasts } from "./toasts.js";
import { Words } from "./words.js";
import { Workplace } from "./workplace.js";

async function start() {
  applyTheme();
  const words = new Words(document.body.dataset.locale);
  const times = new Times(words);
  const people = new People(words);
  const tools = { words, times, people, api: new Api(), clocks: new Clocks(words, times), toasts: new Toasts() };
  try {
    const [me, { agents }] = await Promise.all([tools.api.me(), tools.api.agents()]);
    people.know(me, agents);
  } catch (error) {
    if (error.slug === "signed-out") location.replace(tools.api.signIn);
    else document.body.replaceChildren(failure(error, tools, () => location.reload()));
    return;
  }
  new Workplace(tools).open();
}

start();
