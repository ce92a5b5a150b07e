// The page's own video element: which frame is on the screen, and seeking to another.

class Film {
  // shown: called with every frame that is presented, and at once with a frame that is sought.
  // changed: called when the video starts, stops or appears, and when its captions do.
  // captioned: called when captions have been loaded.
  constructor(find, track, { shown, changed, captioned }) {
    Object.assign(this, { find, track, shown, changed, captioned });
    this.frame = 0;
    this.target = null; // the frame that is being sought
    this.sought = false; // whether the video has not been played since a seek has ended
    this.rate = 1;
    this.listening = null;
    this.bind();
    this.observer = new MutationObserver(() => this.bind());
    this.observer.observe(document.querySelector('[data-testid="stMain"]') ?? document.body, {
      childList: true,
      subtree: true,
    });
  }

  // Streamlit may replace the video element.
  bind() {
    if (this.video?.isConnected) return;
    this.listening?.abort();
    this.video = this.find();
    if (!this.video) return;
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.video.playbackRate = this.rate;
    const on = (names, act) => names.forEach((name) => this.video.addEventListener(name, act, { signal }));
    on(["seeked"], () => this.arrived());
    on(["ended"], () => this.presentNow());
    on(["play"], () => (this.sought = false));
    on(["play", "pause", "ended", "loadedmetadata"], () => this.changed());
    this.video.addEventListener("load", () => this.captioned(), { signal, capture: true }); // of its <track>
    for (const name of ["addtrack", "removetrack", "change"])
      this.video.textTracks.addEventListener(name, () => this.changed(), { signal });
    if (this.video.requestVideoFrameCallback) this.await();
    else this.poll(signal);
    this.sought = false;
    if (this.target !== null) this.go(); // sought in the video that was replaced
    this.presentNow();
    this.changed();
  }

  await() {
    const { video } = this;
    this.waiting = video.requestVideoFrameCallback((now, { mediaTime }) => {
      if (video !== this.video) return;
      this.await(); // first: a frame that is presented while the page draws this one would not be reported
      // A frame from before a seek may be reported after it, and in a paused video none follows.
      if (video.paused && this.sought) this.presentNow();
      else this.present(frameOf(this.track.times, mediaTime));
    });
  }

  // For browsers that do not report the frame they present: the frame by the clock.
  poll(signal) {
    const look = () => {
      if (signal.aborted) return;
      if (!this.video.paused) this.presentNow();
      requestAnimationFrame(look);
    };
    look();
  }

  present(frame) {
    if (this.target !== null) return; // a frame on the way to the one that is sought
    this.frame = frame;
    this.shown(frame);
  }

  // The frame by the clock.
  presentNow() {
    this.present(frameAt(this.track.times, this.video.currentTime));
  }

  get playing() {
    return Boolean(this.video) && !this.video.paused && !this.video.ended;
  }

  toggle() {
    if (this.playing) this.video.pause();
    else this.play();
  }

  play() {
    this.video?.play().catch(() => {}); // interrupted by a seek or a pause
  }

  set speed(rate) {
    this.rate = rate;
    if (this.video) this.video.playbackRate = rate;
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
    this.seeking = this.target;
    this.video.currentTime = middleOf(this.track.times, this.seeking, this.track.duration);
  }

  // Of several seeks only the last counts, which may be one of the video's own controls.
  arrived() {
    if (this.target !== null && this.target !== this.seeking) return this.go();
    this.target = null;
    this.sought = this.video.paused;
    this.presentNow();
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
