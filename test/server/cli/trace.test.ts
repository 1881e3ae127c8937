import { describe, expect, it } from 'vitest';
import { parseTraceLine } from '../../../server/cli/trace';

const start = { line: 0, character: 0 };

describe('parseTraceLine', () => {
  it('reads the events of a session', () => {
    for (const event of [
      { open: { uri: 'file:///a', languageId: 'python', text: '' } },
      { change: { uri: 'file:///a', changes: [{ range: { start, end: start }, text: 'x' }] } },
      { change: { uri: 'file:///a', changes: [{ text: 'all' }] } },
      { complete: { uri: 'file:///a', position: start } },
      { viewed: { uri: 'file:///a', first: 0, last: 30 } },
      { close: { uri: 'file:///a' } },
    ]) {
      expect(parseTraceLine(JSON.stringify(event), 'here')).toEqual(event);
    }
  });

  it('says where and what is wrong', () => {
    for (const line of [
      '{',
      '[]',
      '{}',
      '{"jump":{"uri":"a"}}',
      '{"open":{"uri":"a"}}',
      '{"viewed":{"uri":"a","first":0}}',
      '{"open":{"uri":"a","languageId":"b","text":"c"},"close":{"uri":"a"}}',
      '{"change":{"uri":"a","changes":[{"range":{"start":1},"text":""}]}}',
      '{"complete":{"uri":"a","position":{"line":1}}}',
      '{"complete":{"uri":"a","position":{"line":0.5,"character":0}}}',
      '{"complete":{"uri":"a","position":{"line":0,"character":-1}}}',
      '{"change":{"uri":"a","changes":[{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":1.5}},"text":""}]}}',
    ]) {
      expect(() => parseTraceLine(line, 't.jsonl line 3'), line).toThrow('t.jsonl line 3');
    }
  });
});
