// A partner that plays at once: both on one clock, over a WebSocket.

import { protocols } from "./key.js";

const SYNCS = 5;

export class Jam {
  /** @param duet what to tell: `strike(note, time)`, `damp(note, time)`, `say(text)`, `stop(text)`. */
  constructor(duet, wishes, instrument) {
    Object.assign(this, { duet, wishes, instrument });
    this.quickest = Infinity;
  }

  /** Connect; returns tempo and beginning of the duet, by the sound's clock. */
  begin() {
    this.duet.say("Connecting …");
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(`${scheme}//${location.host}/v1/jam`, protocols());
    return new Promise((resolve, reject) => {
      this.agree = resolve;
      this.socket.addEventListener("open", () => this.introduce());
      this.socket.addEventListener("message", ({ data }) => this.hear(JSON.parse(data)));
      this.socket.addEventListener("close", () => {
        const text = this.reason ?? "The connection is gone.";
        reject(new Error(text));
        if (!this.ended) this.duet.stop(text);
      });
    });
  }

  /** Stop, even while it still connects: of a socket that is closed nothing more is heard. */
  end() {
    this.ended = true;
    this.socket?.close();
    return null;
  }

  press({ pitch }) { this.send({ type: "note", pitch, on: true }); }
  release({ pitch }) { this.send({ type: "note", pitch, on: false }); }

  introduce() {
    this.send({ type: "start", instrument: this.instrument, ...this.wishes });
    this.sync(SYNCS);
  }

  /** Compare the clocks, one exchange after the other. */
  sync(left) {
    this.syncsLeft = left;
    if (left) this.send({ type: "sync", client_ms: performance.now() });
  }

  hear(message) {
    if (message.type === "ready") this.ready = message;
    else if (message.type === "sync") this.compare(message);
    else if (message.type === "plan") this.plan(message);
    else if (message.detail) this.reason = message.detail;
    else if (message.type === "end") this.reason = "The duet is over.";
    if (this.agree && this.ready && !this.syncsLeft) {
      this.duet.say("Play! The model plays with you.");
      this.agree({ tempoQpm: this.ready.tempo_qpm, zero: this.timeOf(this.ready.begins_ms) });
      this.agree = null;
      // A moment later: by then the duet has begun.
      queueMicrotask(() => this.early?.forEach((early) => this.plan(early)));
    }
  }

  /** Believe the exchange that came back quickest. */
  compare({ client_ms: sent, server_ms: server }) {
    const received = performance.now();
    if (received - sent < this.quickest) {
      this.quickest = received - sent;
      this.aheadMs = server - (sent + received) / 2;
    }
    this.sync(this.syncsLeft - 1);
  }

  /** Let notes begin and end when they are due; what comes before the clocks agree waits. */
  plan(message) {
    if (this.agree) return (this.early ??= []).push(message);
    for (const note of message.notes) {
      const time = this.timeOf(note.play_at_ms);
      if (note.on) this.duet.strike(note, time);
      else this.duet.damp(note, time);
    }
  }

  /** Return a time of the server's clock, in milliseconds, by the sound's, in seconds. */
  timeOf(serverMs) {
    return this.duet.sound.now + (serverMs - this.aheadMs - performance.now()) / 1000;
  }

  send(message) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }
}
