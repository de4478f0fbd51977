// A testnet that was started for somebody ends with him: when its stdin closes or its parent
// process is another one than at the start (an orphan is adopted by the system).
const checkEveryWallMs = 500;

/** Calls `gone` once; the returned function stops watching. */
export function watchParent(gone: () => void): () => void {
  const parent = process.ppid;
  let watching = true;
  const tell = (): void => {
    if (!watching) return;
    stop();
    gone();
  };
  const timer = setInterval(() => {
    if (process.ppid !== parent) tell();
  }, checkEveryWallMs);
  timer.unref();
  const stop = (): void => {
    watching = false;
    clearInterval(timer);
    process.stdin.off('end', tell).off('close', tell).off('error', tell);
    process.stdin.pause();
  };
  process.stdin.on('end', tell).on('close', tell).on('error', tell);
  process.stdin.resume();
  return stop;
}
