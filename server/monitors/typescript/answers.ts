import type { Legal, MonitorAnswer } from '../../../engine/index';
import { callAnswer } from './calls';
import { closingAnswer, componentAnswer } from './components';
import { memberAnswer } from './members';
import { classAnswer, importAnswer } from './names';
import type { AnalysedFile } from './project';
import type { MonitorKind } from './triggers';
import { attributeAnswer, literalAnswer, propertyAnswer } from './values';

/** What is legal, or one sentence why nothing is known. */
export type Answer = Legal | string;

const answers: Record<MonitorKind, (file: AnalysedFile, position: number) => Answer> = {
  member: memberAnswer,
  import: importAnswer,
  class: classAnswer,
  call: callAnswer,
  literal: literalAnswer,
  property: propertyAnswer,
  attribute: attributeAnswer,
  component: componentAnswer,
  closing: closingAnswer,
};

/** What all of the kinds together say about a place: each restricts by itself. */
export function answerAt(file: AnalysedFile, position: number, kinds: readonly string[]): MonitorAnswer {
  const given = kinds.flatMap((kind) =>
    kind in answers ? [answers[kind as MonitorKind](file, position)] : [],
  );
  const legal = given.filter((answer): answer is Legal => typeof answer !== 'string');
  const reason = given.filter((answer) => typeof answer === 'string').join(' ');
  return legal.length > 0
    ? { legal }
    : { reason: reason === '' ? 'Nothing is known about this place.' : reason };
}
