"""Style sheet and script of the report; both lie inside the page."""

STYLE = """
:root { color-scheme: light; --ink: #222; --line: #ddd; --share-ink: #cfe3f2; }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: #fff;
  max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.5rem; } h3 { margin: 1.2rem 0 .3rem; }
p { max-width: 46rem; }
img { max-width: 100%; height: auto; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; }
th, td { padding: .25rem .6rem; text-align: right; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
tbody th { text-align: left; font-weight: 500; }
tr.control { color: #666; }
.share { display: inline-block; min-width: 3.2rem; padding: 0 .2rem;
  background: linear-gradient(90deg, var(--share-ink) calc(var(--share) * 100%), #f6f6f6 0); }
.failed { color: #b00020; }
.players { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); }
.player { margin: 0; }
.player figcaption { font-weight: 600; }
.roll { width: 100%; height: 9rem; background: #fafafa; border: 1px solid var(--line);
  cursor: pointer; }
.roll .bar { stroke: #ccc; stroke-width: 1; vector-effect: non-scaling-stroke; }
.roll .playhead { stroke: #000; stroke-width: 2; opacity: 0; vector-effect: non-scaling-stroke; }
.player.playing .playhead { opacity: 1; }
audio { width: 100%; margin-top: .3rem; }
"""

SCRIPT = """
for (const player of document.querySelectorAll(".player")) {
  const audio = player.querySelector("audio");
  if (!audio) continue;
  const roll = player.querySelector(".roll"), head = player.querySelector(".playhead");
  const seconds = Number(player.dataset.seconds), width = roll.viewBox.baseVal.width;
  const follow = () => {
    const share = Math.min(audio.currentTime / seconds, 1);
    head.setAttribute("transform", `translate(${share * width} 0)`);
    if (!audio.paused) requestAnimationFrame(follow);
  };
  audio.addEventListener("play", () => {
    for (const other of document.querySelectorAll("audio")) if (other !== audio) other.pause();
    player.classList.add("playing");
    follow();
  });
  audio.addEventListener("seeked", follow);
  audio.addEventListener("ended", () => player.classList.remove("playing"));
  roll.addEventListener("click", (event) => {
    const box = roll.getBoundingClientRect();
    audio.currentTime = (event.clientX - box.left) / box.width * seconds;
    audio.play();
  });
}
"""
