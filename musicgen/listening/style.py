"""Style sheet and script of pages with a listening room; both lie inside the page."""

STYLE = """
:root { color-scheme: light dark;
  --ink: light-dark(#222, #ddd); --quiet: light-dark(#666, #999); --line: light-dark(#ddd, #3a3a3a);
  --paper: light-dark(#fff, #161616); --roll: light-dark(#fafafa, #1f1f1f);
  --share-ink: light-dark(#cfe3f2, #234a66); --share-paper: light-dark(#f6f6f6, #222); }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.5rem; }
h3 { margin: 1.6rem 0 .4rem; font-size: 1.05rem; }
p { max-width: 46rem; }
img { max-width: 100%; height: auto; background: #fff; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; }
th, td { padding: .25rem .6rem; text-align: right; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
tbody th { text-align: left; font-weight: 500; }
tr.control { color: var(--quiet); }
.share { display: inline-block; min-width: 3.2rem; padding: 0 .2rem;
  background: linear-gradient(90deg, var(--share-ink) calc(var(--share) * 100%),
    var(--share-paper) 0); }
td small { display: block; color: var(--quiet); }
.failed { color: light-dark(#b00020, #ff6b81); }
.legend span { margin-right: 1rem; color: var(--quiet); font-size: .85rem; }
.legend span::before { content: ""; display: inline-block; width: .9rem; height: .5rem;
  margin-right: .35rem; background: var(--colour); }
.players { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); }
.player { margin: 0; }
.player figcaption { display: flex; align-items: center; gap: .5rem; margin-bottom: .3rem; }
.player figcaption b { font-weight: 600; }
.player figcaption::after { content: ""; order: 1; flex: 1; border-top: 2px solid var(--colour); }
.player time { order: 2; color: var(--quiet); font-size: .85rem;
  font-variant-numeric: tabular-nums; }
.roll { display: block; width: 100%; height: 9rem; background: var(--roll); cursor: pointer; }
.roll rect { opacity: .75; } .roll rect.now { opacity: 1; stroke: var(--ink);
  vector-effect: non-scaling-stroke; }
.roll .bar { stroke: var(--line); stroke-width: 1; vector-effect: non-scaling-stroke; }
.roll .playhead { stroke: var(--ink); stroke-width: 2; opacity: 0;
  vector-effect: non-scaling-stroke; }
.player.begun .playhead { opacity: 1; }
button { font: inherit; color: inherit; cursor: pointer; }
.in-turn { margin-left: .6rem; padding: 0 .6rem; font-size: .8rem; font-weight: 400;
  border: 1px solid var(--line);
  border-radius: 1rem; background: none; }
.in-turn:hover { border-color: var(--quiet); }
.play { flex: none; width: 2rem; height: 2rem; padding: 0; border: 0; border-radius: 50%;
  background: var(--colour); display: grid; place-items: center; }
.play::before { content: ""; width: .8rem; height: .8rem; background: #fff;
  clip-path: polygon(15% 0, 100% 50%, 15% 100%); }
.player.playing .play::before {
  clip-path: polygon(0 0, 35% 0, 35% 100%, 65% 100%, 65% 0, 100% 0, 100% 100%, 0 100%); }
"""

SCRIPT = """
const clock = (seconds) => {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};
let sounding = null, waiting = [];
const next = () => waiting.length && waiting.shift()();
for (const player of document.querySelectorAll(".player")) {
  const audio = player.querySelector("audio");
  if (!audio) continue;
  const roll = player.querySelector(".roll"), head = player.querySelector(".playhead");
  const seconds = Number(player.dataset.seconds), width = roll.viewBox.baseVal.width;
  const time = player.querySelector("time"), whole = time.textContent;
  const button = player.querySelector(".play"), name = player.querySelector("b").textContent;
  const does = (verb) => button.setAttribute("aria-label", `${verb} ${name}`);
  const notes = [...roll.querySelectorAll("rect")].map((mark) => {
    const start = mark.x.baseVal.value;
    return { mark, start, end: start + mark.width.baseVal.value };
  });
  const show = () => {
    const x = Math.min(audio.currentTime / seconds, 1) * width;
    head.setAttribute("transform", `translate(${x} 0)`);
    const alive = player.classList.contains("begun");
    for (const { mark, start, end } of notes)
      mark.classList.toggle("now", alive && start <= x && x < end);
    time.textContent = alive
      ? `${clock(Math.min(audio.currentTime, seconds))} / ${whole}` : whole;
    if (!audio.paused) requestAnimationFrame(show);
  };
  const start = () => { audio.play(); };
  audio.addEventListener("play", () => {
    if (sounding && sounding !== audio) sounding.pause();
    sounding = audio;
    player.classList.add("begun", "playing");
    does("Pause");
    show();
  });
  audio.addEventListener("pause", () => {
    player.classList.remove("playing");
    does("Play");
  });
  audio.addEventListener("seeked", show);
  audio.addEventListener("ended", () => {
    player.classList.remove("begun", "playing");
    audio.currentTime = 0;
    show();
    next();
  });
  button.addEventListener("click", () => {
    waiting = [];
    if (audio.paused) start(); else audio.pause();
  });
  roll.addEventListener("click", (event) => {
    const box = roll.getBoundingClientRect();
    waiting = [];
    audio.currentTime = (event.clientX - box.left) / box.width * seconds;
    start();
  });
  player.playFromStart = () => { audio.currentTime = 0; start(); };
}
for (const button of document.querySelectorAll(".in-turn"))
  button.addEventListener("click", () => {
    const players = [...button.closest(".row").querySelectorAll(".player")];
    waiting = players.filter((each) => each.playFromStart).map((each) => each.playFromStart);
    next();
  });
"""
