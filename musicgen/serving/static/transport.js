// Play button, slider and clock: what they do to the playback, and what they show of it.

const PLAY = "M8 5v14l11-7z";
const PAUSE = "M7 5h4v14H7zM13 5h4v14h-4z";

const clock = (seconds) =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

export class Transport {
  /** @param onMove called with (step, playing) whenever the position changes. */
  constructor(elements, playback, onMove) {
    Object.assign(this, elements);
    this.playback = playback;
    this.onMove = onMove;
    this.play.addEventListener("click", () => playback.toggle());
    this.seek.addEventListener("input", () => playback.goTo(Number(this.seek.value)));
  }

  /** Show where the playback is, and go on doing so while it plays. */
  show() {
    const { isPlaying, piece, seconds, duration } = this.playback;
    this.play.disabled = this.seek.disabled = !piece?.notes.length;
    this.icon.setAttribute("d", isPlaying ? PAUSE : PLAY);
    this.play.setAttribute("aria-label", isPlaying ? "Pause" : "Play");
    this.seek.max = duration;
    this.seek.value = seconds;
    const text = `${clock(seconds)} / ${clock(duration)}`;
    if (this.clock.textContent !== text) {
      this.clock.textContent = text;
      this.seek.setAttribute("aria-valuetext", text.replace("/", "of"));
    }
    this.onMove(this.playback.step, isPlaying);
    if (isPlaying && !this.frame) {
      this.frame = requestAnimationFrame(() => { this.frame = null; this.show(); });
    }
  }
}
