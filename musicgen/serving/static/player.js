// Sound, and what the playhead and the clock show of it.

const PLAY = "M8 5v14l11-7z";
const PAUSE = "M7 5h4v14H7zM13 5h4v14h-4z";

const clock = (seconds) =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

export class Player {
  /** @param onMove called with (seconds, playing) whenever the position changes. */
  constructor(elements, onMove) {
    Object.assign(this, elements);
    this.onMove = onMove;
    this.seconds = 0;
    this.url = null;
    this.play.addEventListener("click", () => this.toggle());
    this.seek.addEventListener("input", () => this.goTo(Number(this.seek.value)));
    this.audio.addEventListener("play", () => { this.showState(); this.tick(); });
    this.audio.addEventListener("pause", () => { this.showState(); this.showTime(); });
    this.audio.addEventListener("ended", () => this.goTo(0));
  }

  /** Forget the old piece and show the length of a new one, whose sound is to come. */
  expect(seconds) {
    this.audio.pause();
    this.audio.removeAttribute("src");
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = null;
    this.seconds = seconds;
    this.wanted = 0;
    this.seek.max = seconds;
    this.play.disabled = true;
    this.seek.disabled = false;
    this.showTime();
  }

  load(blob) {
    this.url = URL.createObjectURL(blob);
    this.audio.src = this.url;
    this.audio.currentTime = this.wanted;
    this.play.disabled = false;
  }

  get time() { return this.url ? this.audio.currentTime : this.wanted || 0; }
  get playing() { return Boolean(this.url) && !this.audio.paused; }

  /** Begin to play; browsers forbid it until somebody has touched the page. */
  start() { return this.audio.play().catch(() => {}); }

  toggle() {
    if (this.play.disabled) return;
    if (this.playing) this.audio.pause();
    else this.start();
  }

  goTo(seconds) {
    this.wanted = Math.min(Math.max(seconds, 0), this.seconds);
    if (this.url) this.audio.currentTime = this.wanted;
    this.showTime();
  }

  tick() {
    this.showTime();
    if (this.playing) requestAnimationFrame(() => this.tick());
  }

  showTime() {
    // The sound rings on for a moment after the last bar; the playhead waits at its end.
    const time = Math.min(this.time, this.seconds);
    this.seek.value = time;
    const text = `${clock(time)} / ${clock(this.seconds)}`;
    if (this.clock.textContent !== text) {
      this.clock.textContent = text;
      this.seek.setAttribute("aria-valuetext", text.replace("/", "of"));
    }
    this.onMove(time, this.playing);
  }

  showState() {
    this.icon.setAttribute("d", this.playing ? PAUSE : PLAY);
    this.play.setAttribute("aria-label", this.playing ? "Pause" : "Play");
  }
}
