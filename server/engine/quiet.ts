/** Something that happens when nothing else has for some time. */
export interface Quiet {
  /** @param ms to wait from now on; 0: for ever */
  begin(ms: number): void;
  /** Something has happened: the time that was begun begins again. */
  again(): void;
  end(): void;
}

export function createQuiet(then: () => void): Quiet {
  let timer: NodeJS.Timeout | undefined;
  const fire = () => {
    // A timer that has run would be wound up again.
    timer = undefined;
    then();
  };
  return {
    begin(ms) {
      clearTimeout(timer);
      // No process is kept alive by waiting for nothing.
      timer = ms > 0 ? setTimeout(fire, ms).unref() : undefined;
    },
    again: () => void timer?.refresh(),
    end() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
