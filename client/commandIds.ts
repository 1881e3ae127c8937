/** The commands of package.json, and those that only the status item runs. */
export const commandIds = {
  trigger: 'slipstream.triggerCompletion',
  enable: 'slipstream.enable',
  disable: 'slipstream.disable',
  enableLanguage: 'slipstream.enableLanguage',
  disableLanguage: 'slipstream.disableLanguage',
  runBenchmark: 'slipstream.runBenchmark',
  calibrate: 'slipstream.calibrate',
  chooseModel: 'slipstream.chooseModel',
  openTrace: 'slipstream.openTrace',
  showStatistics: 'slipstream.showStatistics',
  resetStatistics: 'slipstream.resetStatistics',
  exportStatistics: 'slipstream.exportStatistics',
  showLog: 'slipstream.showLog',
  restart: 'slipstream.restartServer',
  openSettings: 'slipstream.openSettings',
  showMenu: 'slipstream.showMenu',
} as const;
