export type { GgufType } from './blocks';
export { convertToGguf } from './gguf';
export { hasLlama, type LlamaModel, type LlamaOptions, loadLlama } from './llama';
