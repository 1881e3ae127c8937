import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Editor, startEditor, withoutSuggestWidget } from './support/editor';
import { openWorkbench, type Workbench } from './support/workbench';

const cell = (id: string, kind: 'code' | 'markdown', source: string) => ({
  cell_type: kind,
  id,
  metadata: {},
  source,
  ...(kind === 'code' && { execution_count: null, outputs: [] }),
});
const notebook = {
  cells: [
    cell('names', 'code', 'def zefflage_of(vessel):\n    return vessel.zefflage\n'),
    cell('note', 'markdown', '# A heading'),
    cell('here', 'code', '\n'),
  ],
  metadata: { language_info: { name: 'python' } },
  nbformat: 4,
  nbformat_minor: 5,
};

let editor: Editor;
let workbench: Workbench;

beforeAll(async () => {
  editor = await startEditor({
    files: { 'fleet.ipynb': JSON.stringify(notebook), 'main.ts': '\n' },
    settings: withoutSuggestWidget,
  });
  workbench = await openWorkbench(editor);
});

afterAll(async () => {
  await workbench?.close();
  await editor?.stop();
});

test('a cell of a notebook is completed, with what the cells above say', async () => {
  await workbench.waitForState('ready');
  await workbench.page
    .locator('.explorer-folders-view .monaco-list-row', { hasText: 'fleet.ipynb' })
    .dblclick();
  const cells = workbench.page.locator('.code-cell-row');
  await cells.nth(1).locator('.view-lines').first().click();
  await workbench.type('def first(vessels):\nreturn zefflage_');
  // No other text than the cell's above has this name.
  expect(await workbench.ghostText()).toMatch(/^of\b/);
  await workbench.screenshot('notebook');
  expect(await workbench.toasts()).toEqual([]);
});
