// Who is signed in.

import { element } from "./dom.js";
import { openPage, section } from "./shell.js";
import { say } from "./words.js";

const { me, main } = await openPage(say("inbox"));
const facts = [
  [say("role"), say(me.role)],
  [say("team"), me.team ?? say("noTeam")],
];
main.className = "narrow";
main.append(
  element("h1", {}, [say("hello", { name: me.name })]),
  section(say("account"), say("signedInAs", { email: me.email }), [
    element(
      "dl",
      {},
      facts.flatMap(([name, value]) => [
        element("dt", {}, [name]),
        element("dd", {}, [value]),
      ]),
    ),
  ]),
);
