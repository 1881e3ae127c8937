/**
 * A small writer of ONNX models: nodes are appended in execution order and weights go straight to
 * an external data file, so that building a large model never holds more than one tensor in memory.
 * Field numbers: onnx/onnx.proto (Apache-2.0), https://github.com/onnx/onnx.
 */
import protobuf from 'protobufjs/light.js';

const field = (id: number, type: string) => ({ id, type });
const repeated = (id: number, type: string) => ({ id, type, rule: 'repeated' });

const Model = protobuf.Root.fromJSON({
  nested: {
    Model: {
      fields: {
        irVersion: field(1, 'int64'),
        producerName: field(2, 'string'),
        graph: field(7, 'Graph'),
        opsetImport: repeated(8, 'OperatorSet'),
      },
    },
    OperatorSet: { fields: { domain: field(1, 'string'), version: field(2, 'int64') } },
    Graph: {
      fields: {
        node: repeated(1, 'Node'),
        name: field(2, 'string'),
        initializer: repeated(5, 'Tensor'),
        input: repeated(11, 'ValueInfo'),
        output: repeated(12, 'ValueInfo'),
      },
    },
    Node: {
      fields: {
        input: repeated(1, 'string'),
        output: repeated(2, 'string'),
        name: field(3, 'string'),
        opType: field(4, 'string'),
        attribute: repeated(5, 'Attribute'),
        domain: field(7, 'string'),
      },
    },
    Attribute: {
      fields: {
        name: field(1, 'string'),
        f: field(2, 'float'),
        i: field(3, 'int64'),
        ints: repeated(8, 'int64'),
        type: field(20, 'int32'),
      },
    },
    Tensor: {
      fields: {
        dims: repeated(1, 'int64'),
        dataType: field(2, 'int32'),
        name: field(8, 'string'),
        rawData: field(9, 'bytes'),
        externalData: repeated(13, 'StringEntry'),
        dataLocation: field(14, 'int32'),
      },
    },
    StringEntry: { fields: { key: field(1, 'string'), value: field(2, 'string') } },
    ValueInfo: { fields: { name: field(1, 'string'), type: field(2, 'Type') } },
    Type: { fields: { tensorType: field(1, 'TensorType') } },
    TensorType: { fields: { elemType: field(1, 'int32'), shape: field(2, 'Shape') } },
    Shape: { fields: { dim: repeated(1, 'Dimension') } },
    Dimension: { fields: { dimValue: field(1, 'int64'), dimParam: field(2, 'string') } },
  },
}).lookupType('Model');

const elementCodes = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10 } as const;
export type ElementType = keyof typeof elementCodes;
export type TensorData = Float32Array | Uint8Array | Int8Array | Int32Array | BigInt64Array;

/** A whole number becomes an INT attribute; wrap real ones in `float()`. */
export type Attribute = number | { readonly float: number } | readonly number[];
export const float = (value: number): Attribute => ({ float: value });

/** Where the bytes of large initialisers go; offsets are relative to the start of `fileName`. */
export interface ExternalData {
  readonly fileName: string;
  append(bytes: Uint8Array): Promise<{ offset: number; length: number }>;
}

const opset = 21;
const irVersion = 10;
const microsoft = 'com.microsoft';
/** Smaller tensors (scalars, shapes, norm weights) stay in the model file itself. */
const externalThreshold = 4096;
const attributeTypes = { float: 1, int: 2, ints: 7 } as const;
const externalLocation = 1;

const bytesOf = (data: TensorData) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

const encodeAttribute = (name: string, value: Attribute) => {
  if (typeof value === 'number') return { name, type: attributeTypes.int, i: value };
  if ('float' in value) return { name, type: attributeTypes.float, f: value.float };
  return { name, type: attributeTypes.ints, ints: [...value] };
};

const valueInfo = (name: string, type: ElementType, dims: readonly (number | string)[]) => ({
  name,
  type: {
    tensorType: {
      elemType: elementCodes[type],
      shape: { dim: dims.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d })) },
    },
  },
});

export type Graph = ReturnType<typeof createGraph>;

/** Starts an empty graph. Values are referred to by name; every method returns the name it defined. */
export function createGraph(external: ExternalData) {
  const nodes: object[] = [];
  const initializers: object[] = [];
  const inputs: object[] = [];
  const outputs: object[] = [];
  const constants = new Map<string, string>();
  let counter = 0;
  const fresh = (hint: string) => `${hint}_${counter++}`;

  const node = (
    domain: string,
    opType: string,
    input: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    output: readonly string[],
  ) => {
    const attribute = Object.entries(attributes).map(([name, value]) => encodeAttribute(name, value));
    nodes.push({ domain, opType, name: fresh(opType), input: [...input], output: [...output], attribute });
  };

  /** A small tensor that is kept in the model file; equal ones are shared. */
  const constant = (type: ElementType, dims: readonly number[], data: TensorData): string => {
    const key = `${type}[${dims}]${Buffer.from(bytesOf(data)).toString('base64')}`;
    const known = constants.get(key);
    if (known) return known;
    const name = fresh('const');
    initializers.push({ name, dataType: elementCodes[type], dims: [...dims], rawData: bytesOf(data) });
    constants.set(key, name);
    return name;
  };

  /** A constant vector of whole numbers: shapes, axes, sizes. */
  const ints = (values: readonly number[]) =>
    constant(
      'int64',
      [values.length],
      BigInt64Array.from(values, (value) => BigInt(value)),
    );

  return {
    input(name: string, type: ElementType, dims: readonly (number | string)[]): string {
      inputs.push(valueInfo(name, type, dims));
      return name;
    },
    output(name: string, type: ElementType, dims: readonly (number | string)[]): string {
      outputs.push(valueInfo(name, type, dims));
      return name;
    },
    /** One standard operator with one output. */
    op(
      opType: string,
      input: readonly string[],
      attributes: Readonly<Record<string, Attribute>> = {},
      output = fresh(opType),
    ): string {
      node('', opType, input, attributes, [output]);
      return output;
    },
    /** One operator of onnxruntime's own domain with one output. */
    ms(
      opType: string,
      input: readonly string[],
      attributes: Readonly<Record<string, Attribute>> = {},
      output = fresh(opType),
    ): string {
      node(microsoft, opType, input, attributes, [output]);
      return output;
    },
    /** `SkipSimplifiedLayerNormalization`: the normalised sum and the sum itself, for the next residual. */
    skipNorm(opType: string, input: readonly string[], epsilon: number): { normed: string; sum: string } {
      const [normed, sum] = [fresh('normed'), fresh('residual')];
      node(microsoft, opType, input, { epsilon: float(epsilon) }, [normed, '', '', sum]);
      return { normed, sum };
    },
    /** `GroupQueryAttention`: what is attended to; the caches with the new rows get the names of `caches`. */
    groupQueryAttention(
      input: readonly string[],
      attributes: Readonly<Record<string, Attribute>>,
      caches: readonly string[],
    ): string {
      const attended = fresh('attended');
      node(microsoft, 'GroupQueryAttention', input, attributes, [attended, ...caches]);
      return attended;
    },
    /** `TopK`: the largest values along an axis, the largest first, and where they are (int64). */
    topK(
      input: string,
      count: number,
      axis: number,
      [values, places] = [fresh('values'), fresh('places')],
    ): { values: string; places: string } {
      node('', 'TopK', [input, ints([count])], { axis }, [values, places]);
      return { values, places };
    },
    /** Splits along `axis` into parts of the given sizes, or by a run-time vector of sizes. */
    split(
      input: string,
      sizes: readonly number[] | { readonly by: string; readonly parts: number },
      axis: number,
      outputs: readonly (string | undefined)[] = [],
    ): string[] {
      const isStatic = !('by' in sizes);
      const by = isStatic ? ints(sizes) : sizes.by;
      const names = Array.from(
        { length: isStatic ? sizes.length : sizes.parts },
        (_, i) => outputs[i] ?? fresh('part'),
      );
      node('', 'Split', [input, by], { axis }, names);
      return names;
    },
    constant,
    ints,
    /** A weight tensor; its bytes go to the external data file when they are many. */
    async weight(
      name: string,
      type: ElementType,
      dims: readonly number[],
      data: TensorData,
    ): Promise<string> {
      const bytes = bytesOf(data);
      const tensor = { name, dataType: elementCodes[type], dims: [...dims] };
      if (bytes.length < externalThreshold) {
        initializers.push({ ...tensor, rawData: bytes.slice() });
        return name;
      }
      const { offset, length } = await external.append(bytes);
      const externalData = [
        { key: 'location', value: external.fileName },
        { key: 'offset', value: String(offset) },
        { key: 'length', value: String(length) },
      ];
      initializers.push({ ...tensor, dataLocation: externalLocation, externalData });
      return name;
    },
    /** The finished model as the bytes of an `.onnx` file. */
    encode(name: string): Uint8Array {
      const model = {
        irVersion,
        producerName: 'slipstream',
        opsetImport: [
          { domain: '', version: opset },
          { domain: microsoft, version: 1 },
        ],
        graph: { name, node: nodes, initializer: initializers, input: inputs, output: outputs },
      };
      return Model.encode(Model.create(model)).finish();
    },
  };
}
