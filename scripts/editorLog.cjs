/**
 * Stands in for @vscode/spdlog in the browser editor: the same interface, writing plain files. The original is
 * native code that needs a compiler to install, and without it the editor's output views, ours included, stay empty.
 */
const fs = require('node:fs');
const path = require('node:path');

const levels = ['trace', 'debug', 'info', 'warning', 'error', 'critical'];

class Logger {
  constructor(_type, _name, file, maxSize, maxFiles) {
    Object.assign(this, { file, maxSize, maxFiles, level: 2, plain: false });
    fs.mkdirSync(path.dirname(file), { recursive: true });
    this.size = fs.existsSync(file) ? fs.statSync(file).size : 0;
  }

  write(level, message) {
    if (level < this.level) return;
    const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
    const line = this.plain ? message : `${time} [${levels[level]}] ${message}\n`;
    if (this.maxFiles > 1 && this.size + line.length > this.maxSize) this.rotate();
    fs.appendFileSync(this.file, line);
    this.size += Buffer.byteLength(line);
  }

  /** log.txt becomes log.1.txt, log.1.txt becomes log.2.txt, and so on. */
  rotate() {
    const { dir, name, ext } = path.parse(this.file);
    const numbered = (n) => (n === 0 ? this.file : path.join(dir, `${name}.${n}${ext}`));
    for (let n = this.maxFiles - 2; n >= 0; n--)
      if (fs.existsSync(numbered(n))) fs.renameSync(numbered(n), numbered(n + 1));
    this.size = 0;
  }

  trace = (message) => this.write(0, message);
  debug = (message) => this.write(1, message);
  info = (message) => this.write(2, message);
  warn = (message) => this.write(3, message);
  error = (message) => this.write(4, message);
  critical = (message) => this.write(5, message);
  getLevel = () => this.level;
  setLevel = (level) => {
    this.level = level;
  };
  setPattern() {}
  clearFormatters() {
    this.plain = true;
  }
  flush() {}
  drop() {}
}

const createLogger = async (...args) => new Logger(undefined, ...args);

exports.version = 0;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.Logger = Logger;
exports.createRotatingLogger = createLogger;
exports.createAsyncRotatingLogger = createLogger;
