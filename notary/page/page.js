/* The watchroom: asks this machine's signer every two seconds and shows what it says.  值守页面 */
"use strict";

const WORDS = {
  zh: {
    skip: "跳到正文", title: "签发值守", state: "状态", signing: "正在签发", stopped: "已停签",
    waiting: "尚未与另一方核对，暂不签发", away: "签发程序没有应答",
    key: "公钥指纹（可朗读核对）", keyFull: "完整公钥", bad: "平台违规证据",
    badNone: "没有发现：每一轮只见过一份封存，日志只见过一份历史。", signed: "已签轮次",
    lane: "通道", rounds: "轮数", last: "最后签发", refused: "已拒签",
    log: "公开日志：最后见证的检查点", configs: "已接受的摇号配置", clock: "时钟与存储",
    stops: "停签与恢复记录", name: "姓名", reason: "理由", code: "一次性口令",
    codeHow: "口令已打印在启动签发程序的控制台（或其日志）上，5 分钟内有效，只能用一次。",
    again: "再打印一次口令", cancel: "取消", wishStop: "停止签发", wishResume: "恢复签发",
    doStop: "确认停止签发", doResume: "确认恢复签发",
    whatStop: "停止后，本机不再签发任何轮次、检查点或清单，直到有人恢复。平台会对参与者显示“已参与，结果稍后揭晓”。",
    whatResume: "恢复后，等待的轮次按原封存、原顺序继续签发，结果不会因停签而改变。",
    since: (at, who, why) => `自 ${at} 起，由 ${who} 停签。理由：${why}`,
    stopLine: (l, at) => `${at} ${l.kind === "stop" ? "停签" : "恢复"} · ${l.name} · ${l.reason}`,
    none: "无", noneYet: "还没有", roles: { notary: "公证处", auditor: "审计方", witness: "见证人" },
    total: (n, lanes) => `共 ${n} 轮，${lanes} 条通道`, refusedNone: "没有拒签过。",
    many: (n, shown) => `共 ${n} 份，此处 ${shown} 份，新的在前。`, older: "更早的", newest: "回到最新的",
    changed: (who, at) => `换钥：${who}，本机 ${at} 签署公告`, changedFrom: (old, next) => `旧 ${old} → 新 ${next}`,
    place: (d) => d.lane === undefined ? "" : `通道 ${d.lane}，第 ${d.seq} 轮`, evidence: "下载证据",
    twice: "同一轮两份封存，均有平台签名", unreadable: "无法读取", twoLogs: "同一长度的日志两个根，均有平台签名", loose: "拒绝联署：没有证明它接续已见的日志", size: (n) => `${n} 轮`, acts: "生效中", from: (at) => `自 ${at} 起生效`,
    days: (a, b) => `适用 ${a} 至 ${b}`, now: "本机签发时钟", offset: "与机器时钟之差", jump: "启动以来时钟被拨动",
    program: "程序校验（SHA-256，与另一方和发布的版本电话核对）", book: "签发账本", free: "磁盘剩余", flushed: "上次落盘", notice: "配置须提前", hours: (s) => `${s / 3600} 小时`,
    home: "所在目录", sec: (ms) => `${(ms / 1000).toFixed(1)} 秒`, seen: (at) => `页面更新于 ${at}，每 2 秒一次。`, fill: "请填写姓名、理由和口令。",
  },
  en: {
    skip: "Skip to content", title: "Signer's desk", state: "State", signing: "Signing", stopped: "Stopped",
    waiting: "Not compared with the other signer yet; signing nothing", away: "The signer does not answer",
    key: "Key fingerprint, to be read aloud", keyFull: "Whole public key", bad: "Evidence of misbehaviour",
    badNone: "None: one seal was seen for every round, and one history of the log.", signed: "Signed rounds",
    lane: "Lane", rounds: "Rounds", last: "Last signed", refused: "Refused",
    log: "Public log: last checkpoint cosigned", configs: "Accepted draw configs", clock: "Clock and storage",
    stops: "Stops and resumptions", name: "Name", reason: "Reason", code: "One-time code",
    codeHow: "The code was printed at the console (or log) of the signer. It is good for 5 minutes, once.",
    again: "Print a code again", cancel: "Cancel", wishStop: "Stop signing", wishResume: "Resume signing",
    doStop: "Stop signing now", doResume: "Resume signing now",
    whatStop: "Once stopped, this machine signs no round, checkpoint or manifest until a person resumes. The platform tells people: entered, the result comes later.",
    whatResume: "Once resumed, waiting rounds are signed as they were sealed and in order; no result changes because of the stop.",
    since: (at, who, why) => `Stopped since ${at} by ${who}. Reason: ${why}`,
    stopLine: (l, at) => `${at} ${l.kind === "stop" ? "stopped" : "resumed"} · ${l.name} · ${l.reason}`,
    none: "none", noneYet: "None yet", roles: { notary: "Notary", auditor: "Auditor", witness: "Witness" },
    total: (n, lanes) => `${n} ${n === 1 ? "round" : "rounds"} in ${lanes} ${lanes === 1 ? "lane" : "lanes"}`, refusedNone: "Nothing was ever refused.",
    many: (n, shown) => `${n} in all, ${shown} here, the newest first.`, older: "Older ones", newest: "Back to the newest",
    changed: (who, at) => `Key changed: ${who}; declaration signed here ${at}`, changedFrom: (old, next) => `old ${old} → new ${next}`,
    place: (d) => d.lane === undefined ? "" : `lane ${d.lane}, round ${d.seq}`, evidence: "Download evidence",
    twice: "two seals for one round, both signed by the platform", unreadable: "cannot be read", twoLogs: "two roots of the log at one size, both signed by the platform", loose: "Not cosigned: it was not shown to continue the log seen before", size: (n) => `${n} ${n === 1 ? "round" : "rounds"}`, acts: "in force", from: (at) => `acts from ${at}`,
    days: (a, b) => `for ${a} to ${b}`, now: "Signer's clock", offset: "Away from the machine's clock", jump: "Clock moved since the start",
    program: "Mark of the program (SHA-256), to be compared with the other signer's and the release's", book: "Book", free: "Free on the disk", flushed: "Last flushed", notice: "Notice for configs", hours: (s) => `${s / 3600} hours`,
    home: "Kept in", sec: (ms) => `${(ms / 1000).toFixed(1)} s`, seen: (at) => `Page renewed at ${at}, every 2 seconds.`, fill: "Name, reason and code are needed.",
  },
};

const at = (id) => document.getElementById(id);
let lang = "zh";
try { lang = localStorage.getItem("signer:lang") === "en" ? "en" : "zh"; } catch { /* storage is off: Chinese */ }
let shown = null;
let wish = null;
let heard = true;

const word = (name) => WORDS[lang][name];
/* Hubei's wall clock, written one way in both languages: 02/03 would be two days. */
const moment = (time) => new Date(new Date(time).getTime() + 8 * 3600e3).toISOString().slice(0, 19).replace("T", " ");
const dayOf = (number) => number === null ? "" : String(number).replace(/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3");
const bytes = (n) => n >= 1e9 ? `${(n / 1e9).toFixed(1)} GB` : n >= 1e6 ? `${(n / 1e6).toFixed(1)} MB` : `${Math.ceil(n / 1e3)} kB`;
/* The signer says everything in both languages, for its console; the page shows one. */
const inLang = (said) => said.split(" · ")[lang === "zh" ? 0 : 1] ?? said;
const fours = (text) => text.replace(/(.{4})(?=.)/g, "$1 ");

function put(id, text) { const node = at(id); if (node.textContent !== text) node.textContent = text; }

function make(kind, text, className) {
  const node = document.createElement(kind);
  if (text !== undefined) node.textContent = text;
  if (className) node.className = className;
  return node;
}

/* Rows are made anew only when what they say has changed, so that a reader or a selection stays put. */
const before = new Map();
function fill(id, facts, row) {
  const mark = lang + JSON.stringify(facts);
  if (before.get(id) === mark) return;
  before.set(id, mark);
  at(id).replaceChildren(...facts.map(row));
}

function refusal(one) {
  const line = make("li");
  const place = word("place")(one.detail);
  line.append(make("strong", one[lang], one.code === "conflict" ? "alarm" : ""));
  line.append(make("span", [moment(one.at_ms), place, one.code].filter(Boolean).join(" · "), "soft"));
  line.append(make("br"));
  const link = make("a", word("evidence"));
  link.href = `/evidence/${one.id}`;
  link.setAttribute("aria-label", `${word("evidence")} ${one.id}`);
  line.append(link);
  return line;
}

function twice(one) {
  const line = refusal(one);
  line.prepend(make("strong", word("twice"), "alarm"));
  return line;
}

function fork(one) {
  const line = make("li");
  const size = one.size === null ? word("unreadable") : word("size")(one.size);
  line.append(make("strong", word(one.proven ? "twoLogs" : "loose"), one.proven ? "alarm" : ""));
  line.append(make("span", [moment(one.at_ms), one.origin, size].join(" · "), "soft"));
  line.append(make("span", fours(one.root ?? ""), "mono"), make("br"));
  const link = make("a", word("evidence"));
  link.href = `/evidence/log-${one.id}`;
  link.setAttribute("aria-label", `${word("evidence")} ${one.origin} ${size}`);
  line.append(link);
  return line;
}

/* Four lists of evidence. A look brings the newest rows of each; whoever wants older ones turns the
   page, and what was turned to stays until they turn back. */
const LISTS = { two_logs: fork, twice, refused: refusal, loose: fork };
const turned = {};
const turners = {};

function turner(name) {
  const [line, older, newest] = [make("p", undefined, "buttons"), make("button", undefined, "plain"), make("button", undefined, "plain")];
  older.type = newest.type = "button";
  older.addEventListener("click", () => turn(name));
  newest.addEventListener("click", () => { delete turned[name]; show(); });
  line.append(make("span", ""), older, newest);
  at(name).after(line);
  return line;
}

async function turn(name) {
  const { rows } = turned[name] ?? shown.evidence[name];
  try {
    const answer = await fetch(`/older/${name}/${rows[rows.length - 1].id}`);
    if (answer.ok) turned[name] = await answer.json();
  } catch { /* the state line says that nobody answers */ }
  show();
}

function list(name) {
  const { count, rows, has_older } = turned[name] ?? shown.evidence[name];
  fill(name, rows, LISTS[name]);
  turners[name] ??= turner(name);
  const [sum, older, newest] = turners[name].children;
  turners[name].hidden = count === 0;
  sum.textContent = word("many")(count, rows.length);
  older.textContent = word("older");
  newest.textContent = word("newest");
  older.hidden = !has_older;
  newest.hidden = !turned[name];
  return count;
}

function show() {
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  for (const node of document.querySelectorAll("[data-say]")) if (node.textContent !== word(node.dataset.say)) node.textContent = word(node.dataset.say);
  put("lang", lang === "zh" ? "English" : "中文");
  at("lang").lang = lang === "zh" ? "en" : "zh-CN";
  put("title", word("title"));
  if (!shown) return;
  const it = shown;
  const role = word("roles")[it.role];
  document.title = `${role} · ${word("title")}`;
  put("whose", role);
  const state = !heard ? "away" : it.stopped ? "stopped" : it.ready ? "signing" : "waiting";
  put("state-line", word(state));
  at("state-line").className = `state ${state === "signing" ? "" : state === "waiting" ? "waiting" : "stopped"}`;
  put("state-more", it.stopped ? word("since")(moment(it.stopped.at_ms), it.stopped.name, it.stopped.reason) : "");
  put("wish", word(it.stopped ? "wishResume" : "wishStop"));
  at("wish").className = it.stopped ? "wide" : "wide danger";
  if (wish) {
    put("do", word(wish === "stop" ? "doStop" : "doResume"));
    at("do").className = wish === "stop" ? "danger" : "";
    put("ask-what", word(wish === "stop" ? "whatStop" : "whatResume"));
  }
  at("stops-box").hidden = it.stops.length === 0;
  fill("stops", it.stops, (line) => make("li", word("stopLine")(line, moment(line.at_ms))));
  fill("fingerprint", it.fingerprint.split(" "), (part) => make("span", part));
  put("key", fours(it.key));
  put("program", fours(it.program));
  fill("changes", it.declarations, (one) => {
    const line = make("li");
    line.append(make("strong", word("changed")(word("roles")[one.role], moment(one.signed_ms))));
    line.append(make("span", word("changedFrom")(one.old, one.new)), make("span", one.reason));
    return line;
  });
  const counts = Object.fromEntries(Object.keys(LISTS).map((name) => [name, list(name)]));
  at("bad-none").hidden = counts.two_logs + counts.twice > 0;
  at("refused-none").hidden = counts.refused > 0;
  put("signed-sum", word("total")(it.lanes.reduce((sum, one) => sum + one.rounds, 0), it.lanes.length));
  // The name of a series stands once, above its lanes: it is as long as a telephone is wide.
  const isFirst = (one, index) => one.series !== it.lanes[index - 1]?.series;
  fill("lanes", it.lanes.flatMap((one, index) => isFirst(one, index) ? [one.series, one] : [one]), (one) => {
    const row = make("tr");
    if (typeof one === "string") {
      const name = make("th", one, "series");
      name.colSpan = 3;
      name.scope = "rowgroup";
      row.append(name);
      return row;
    }
    row.append(make("td", String(one.lane)), make("td", String(one.rounds), "num"), make("td", moment(one.signed_ms)));
    return row;
  });
  fill("checkpoints", it.checkpoints.length ? it.checkpoints : [null], (one) => {
    if (!one) return make("li", word("noneYet"));
    const line = make("li");
    line.append(make("strong", `${one.origin} · ${word("size")(one.size)}`), make("span", fours(one.root), "mono"));
    return line;
  });
  fill("configs", it.configs.length ? it.configs : [null], (one) => {
    if (!one) return make("li", word("noneYet"));
    const line = make("li");
    const when = one.acts ? word("acts") : word("from")(moment(one.active_from));
    line.append(make("strong", `${one.series} · ${when}`), make("span", `${word("days")(dayOf(one.first_day), dayOf(one.last_day))} · ${moment(one.active_from)}`, "soft"), make("br"), make("span", fours(one.cfg_hash), "mono"));
    return line;
  });
  const far = Math.abs(it.clock.offset_ms) < 50 ? 0 : it.clock.offset_ms;
  const facts = [["now", moment(it.clock.now)], ["offset", word("sec")(far)], ["jump", word("sec")(it.clock.jump_ms)],
    ["notice", word("hours")(it.notice_s)], ["book", bytes(it.storage.book_bytes)], ["free", bytes(it.storage.free_bytes)],
    ["flushed", it.storage.flushed_at ? moment(it.storage.flushed_at) : word("none")], ["home", it.storage.home]];
  fill("machine", facts.flatMap(([name, value]) => [["dt", word(name)], ["dd", value]]), ([kind, text]) => make(kind, text));
  put("seen", word("seen")(moment(Date.now()).slice(11)));
}

async function look() {
  try {
    const answer = await fetch("/overview");
    if (!answer.ok) throw new Error(String(answer.status));
    shown = await answer.json();
    heard = true;
  } catch {
    heard = false;
  }
  show();
}

async function say(path, body) {
  try {
    const answer = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    put("said", inLang((await answer.json()).said));
    return answer.ok;
  } catch {
    put("said", word("away"));
    return false;
  }
}

function close() {
  wish = null;
  at("ask").hidden = true;
  at("ask").reset();
  at("wish").hidden = false;
}

at("lang").addEventListener("click", () => {
  lang = lang === "zh" ? "en" : "zh";
  try { localStorage.setItem("signer:lang", lang); } catch { /* it is only forgotten */ }
  show();
});
at("wish").addEventListener("click", async () => {
  wish = shown && shown.stopped ? "resume" : "stop";
  at("ask").hidden = false;
  at("wish").hidden = true;
  show();
  at("name").focus();
  await say("/code", {});
});
at("again").addEventListener("click", () => say("/code", {}));
at("cancel").addEventListener("click", () => { close(); put("said", ""); at("wish").focus(); });
at("ask").addEventListener("submit", async (event) => {
  event.preventDefault();
  const told = { code: at("code").value, name: at("name").value, reason: at("reason").value };
  const missing = ["name", "reason", "code"].find((id) => !told[id].trim());
  if (missing) { put("said", word("fill")); at(missing).focus(); return; }
  if (await say(`/${wish}`, told)) { close(); await look(); at("wish").focus(); }
});

show();
look();
setInterval(() => { if (!document.hidden) look(); }, 2000);
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
