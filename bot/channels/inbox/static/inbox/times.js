// Moments and durations as people say them, in the agent's language and time zone.

import { LANGUAGE_TAGS } from "../../../widget/words.js";

const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;

export class Times {
  #words;

  constructor(words) {
    this.#words = words;
  }

  get #tag() {
    return LANGUAGE_TAGS[this.#words.locale];
  }

  clock(moment, timeZone) {
    return this.#format(moment, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone });
  }

  day(moment) {
    const at = new Date(moment);
    const days = Math.round((startOfDay(new Date()) - startOfDay(at)) / (DAY_S * 1000));
    if (days === 0) return this.#words.say("today");
    if (days === 1) return this.#words.say("yesterday");
    if (days === -1) return this.#words.say("tomorrow");
    const far = Math.abs(days) > 300 ? { year: "numeric" } : {};
    return this.#format(at, { weekday: "short", month: "short", day: "numeric", ...far });
  }

  moment(moment) {
    const time = this.clock(moment);
    return startOfDay(new Date(moment)) === startOfDay(new Date()) ? time : `${this.day(moment)} ${time}`;
  }

  full(moment) {
    return this.#format(moment, { dateStyle: "full", timeStyle: "short" });
  }

  // "now", "4m", "3h", "2d": how long ago, for a narrow column.
  ago(moment) {
    const s = (Date.now() - new Date(moment)) / 1000;
    return s < MINUTE_S ? this.#words.say("justNow") : this.length(s, 1);
  }

  // "2d 4h", "1h 05m", "12m": at most `parts` of them.
  length(seconds, parts = 2) {
    const s = Math.max(0, Math.abs(seconds));
    const [d, h, m] = [Math.floor(s / DAY_S), Math.floor((s % DAY_S) / HOUR_S), Math.floor((s % HOUR_S) / MINUTE_S)];
    const units = [[d, "days"], [h, "hours"], [m, "minutes"]];
    const first = units.findIndex(([n]) => n > 0);
    if (first < 0) return this.#words.say("minutes", { n: s < 30 ? 0 : 1 });
    return units.slice(first, first + parts).filter(([n], i) => n || !i)
      .map(([n, unit]) => this.#words.say(unit, { n })).join(" ");
  }

  #format(moment, options) {
    return new Intl.DateTimeFormat(this.#tag, options).format(new Date(moment));
  }
}

function startOfDay(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
