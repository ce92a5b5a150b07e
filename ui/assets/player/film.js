// The page's own video element: which of its frames is on the screen, and going to another.

class Film {
  // shown: told of every frame that is presented, and of one that is sought as soon as it is asked for.
  // changed: told when it begins or ends to play, or is there for the first time.
  constructor(find, track, { shown, changed }) {
    Object.assign(this, { find, track, shown, changed });
    this.frame = 0;
    this.target = null; // a frame that was asked for and has not come yet
    this.listening = null;
    this.bind();
    this.observer = new MutationObserver(() => this.bind());
    this.observer.observe(document.querySelector('[data-testid="stMain"]') ?? document.body, {
      childList: true,
      subtree: true,
    });
  }

  // Streamlit may put another element in place of the one we know.
  bind() {
    if (this.video?.isConnected) return;
    this.listening?.abort();
    this.video = this.find();
    if (!this.video) return;
    this.listening = new AbortController();
    const { signal } = this.listening;
    const on = (names, act) => names.forEach((name) => this.video.addEventListener(name, act, { signal }));
    on(["seeked"], () => this.arrived());
    on(["play", "pause", "ended", "loadedmetadata"], () => this.changed());
    if (this.video.requestVideoFrameCallback) this.await();
    else this.poll(signal);
    this.present(frameAt(this.track.times, this.video.currentTime));
    this.changed();
  }

  await() {
    const { video } = this;
    this.waiting = video.requestVideoFrameCallback((now, { mediaTime }) => {
      if (video !== this.video) return;
      this.present(frameOf(this.track.times, mediaTime));
      this.await();
    });
  }

  // For browsers that do not tell which frame they present: what should be on the screen by the clock.
  poll(signal) {
    const look = () => {
      if (signal.aborted) return;
      if (!this.video.paused) this.present(frameAt(this.track.times, this.video.currentTime));
      requestAnimationFrame(look);
    };
    look();
  }

  present(frame) {
    if (this.target !== null) return; // a frame on the way to the one that was asked for
    this.frame = frame;
    this.shown(frame);
  }

  get playing() {
    return Boolean(this.video) && !this.video.paused && !this.video.ended;
  }

  toggle() {
    if (this.playing) this.video.pause();
    else this.play();
  }

  play() {
    this.video?.play().catch(() => {}); // another seek or a pause came in between
  }

  seek(frame) {
    this.bind();
    if (!this.video) return;
    frame = Math.min(Math.max(frame, 0), this.track.count - 1);
    const busy = this.target !== null && this.video.seeking;
    this.target = this.frame = frame;
    if (!busy) this.go();
    this.shown(frame);
  }

  go() {
    this.going = this.target;
    this.video.currentTime = middleOf(this.track.times, this.going, this.track.duration);
  }

  // While a seek was under way others may have been asked for: only the last counts.
  arrived() {
    if (this.target === null) this.present(frameAt(this.track.times, this.video.currentTime)); // its own controls
    else if (this.target !== this.going) this.go();
    else this.target = null;
  }

  step(frames) {
    this.video?.pause();
    this.seek(this.frame + frames);
  }

  get captions() {
    return this.video?.textTracks[0];
  }

  end() {
    this.observer.disconnect();
    this.listening?.abort();
    if (this.waiting) this.video?.cancelVideoFrameCallback(this.waiting);
    this.video = null;
  }
}
