import { readFileSync } from 'node:fs';

/** A page of documentation, with what can be checked in it. */
export class MarkdownPage {
  readonly text: string;

  constructor(file: string) {
    this.text = readFileSync(file, 'utf8');
  }

  /** The code blocks of a language. */
  blocks(language: string): string[] {
    return [...this.text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, code = '']) => code);
  }

  /** The rows of the first table after some text, as trimmed cells, without its head. */
  table(after: string): string[][] {
    const start = this.text.indexOf(after);
    if (start === -1) throw new Error(`the page has no "${after}"`);
    const [, rows = ''] = /^\|.*\n\|[ :|-]+\n((?:\|.*\n)+)/m.exec(this.text.slice(start)) ?? [];
    return rows
      .trim()
      .split('\n')
      .map((row) =>
        row
          .slice(1, -1)
          .split(/(?<!\\)\|/)
          .map((cell) => cell.trim()),
      );
  }

  /** What links lead to inside the repository, with their anchors. */
  links(): string[] {
    const targets = [...this.text.matchAll(/\]\(([^)\s]+)/g)].map(([, target = '']) => target);
    return targets.filter((target) => !target.includes('://'));
  }

  /** The anchors of the headings, as GitHub names them. */
  anchors(): string[] {
    const withoutCode = this.text.replaceAll(/^```.*?^```/gms, '');
    return [...withoutCode.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    );
  }
}

/** The texts in back quotes. */
export function codeIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}
