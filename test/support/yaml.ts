import { parsers } from 'prettier/plugins/yaml';

/** A node of the syntax tree, as far as it is read here. */
interface YamlNode {
  readonly type: string;
  readonly value?: string;
  readonly children?: readonly (YamlNode | null)[];
}

/** The data of a YAML document, with every scalar as a text. @throws SyntaxError if it is no YAML */
export async function parseYaml(text: string): Promise<unknown> {
  // Its types say more than a parser of Prettier needs.
  const parse = parsers.yaml.parse as (text: string, options: unknown) => YamlNode | Promise<YamlNode>;
  return dataOf(await parse(text, {}));
}

function dataOf(node: YamlNode | null | undefined): unknown {
  if (!node) return undefined;
  const children = node.children ?? [];
  switch (node.type) {
    case 'mapping':
    case 'flowMapping':
      return Object.fromEntries(children.map((item) => [dataOf(item?.children?.[0]), dataOf(item?.children?.[1])]));
    case 'sequence':
    case 'flowSequence':
      return children.map((item) => dataOf(item));
    case 'plain':
    case 'quoteSingle':
    case 'quoteDouble':
      return node.value;
    default:
      return dataOf(children.find((child) => child !== null && !['comment', 'documentHead'].includes(child.type)));
  }
}
