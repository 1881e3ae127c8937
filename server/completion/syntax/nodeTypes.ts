import type { Node } from 'web-tree-sitter';

/** Nodes whose children are statements, declarations or rules, in the grammars of `grammars.ts`. */
const containers = new Set([
  'program',
  'module',
  'source_file',
  'stylesheet',
  'statement_block',
  'block',
  'class_body',
  'class_static_block',
  'constructor_body',
  'enum_body',
  'enum_body_declarations',
  'interface_body',
  'object_type',
  'declaration_list',
  'enum_variant_list',
  'field_declaration_list',
  'match_block',
  'switch_body',
  'switch_case',
  'switch_default',
  'switch_block',
  'switch_block_statement_group',
  'expression_case',
  'type_case',
  'default_case',
  'communication_case',
  'case_clause',
  'statement_list',
]);

export const isContainer = (node: Node): boolean => containers.has(node.type);

/** Text in which brackets mean nothing and code does not end. */
export const opaqueTypes = [
  'comment',
  'line_comment',
  'block_comment',
  'html_comment',
  'string',
  'string_fragment',
  'string_literal',
  'raw_string_literal',
  'interpreted_string_literal',
  'char_literal',
  'character_literal',
  'rune_literal',
  'template_string',
  'regex',
  'string_value',
  'jsx_text',
];

const opaque = new Set(opaqueTypes);

export const isComment = (node: Node): boolean => node.type.endsWith('comment');

/** A template holds code in its substitutions: only its plain parts are text. */
export const isOpaque = (node: Node): boolean => opaque.has(node.type) && node.type !== 'template_string';

const types = /(?:^|_)type(?:_|$)|_type$|^type_annotation$/;
/** An arrow within one of these leads to a type, which is short. */
export const isType = (node: Node): boolean => types.test(node.type) && !isContainer(node);
