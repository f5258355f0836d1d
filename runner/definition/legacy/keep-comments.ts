import { isAlias, isCollection, isMap, isScalar, isSeq, type Document, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Path } from '../locate.ts';

type Source = {
  document: Document;
  originalPath(path: Path): Path;
  /** What gave its comments away already: a field may have become several. */
  used: Set<unknown>;
};

/**
 * Gives the nodes of a converted document the comments, blank lines and styles of those that they came from. Comments of what was left
 * out are lost with it.
 */
export function keepComments(converted: Document, document: Document, originalPath: (path: Path) => Path): void {
  const source = { document, originalPath, used: new Set() };
  converted.commentBefore = document.commentBefore;
  converted.comment = document.comment;
  if (isMap(converted.contents)) keepInside(converted.contents, [], source);
}

function keepInside(node: unknown, path: Path, source: Source): void {
  if (isMap(node)) for (const pair of node.items as Pair<Node, Node | null>[]) keepOfPair(pair, path, source);
  if (isSeq(node)) for (const [index, item] of (node.items as Node[]).entries()) keepOfItem(item, [...path, index], source);
}

function keepOfPair(pair: Pair<Node, Node | null>, parent: Path, source: Source): void {
  const path = [...parent, isScalar(pair.key) ? String(pair.key.value) : ''];
  const origin = findPair(source.document, source.originalPath(path));
  if (origin !== undefined && !source.used.has(origin)) {
    source.used.add(origin);
    pair.key.commentBefore = (origin.key as Node).commentBefore;
    pair.key.spaceBefore = (origin.key as Node).spaceBefore === true;
    if (pair.value !== null) keepOfNode(pair.value, origin.value);
  } else if (pair.value !== null) {
    inOneLine(pair.value);
  }
  keepInside(pair.value, path, source);
}

function keepOfItem(item: Node, path: Path, source: Source): void {
  const origin = nodeAt(source.document, source.originalPath(path));
  if (origin === undefined || source.used.has(origin)) inOneLine(item);
  else {
    source.used.add(origin);
    item.spaceBefore = origin.spaceBefore === true;
    keepOfNode(item, origin);
  }
  keepInside(item, path, source);
}

function keepOfNode(node: Node, origin: unknown): void {
  if (isScalar(node) && isScalar(origin)) {
    node.comment = origin.comment;
    node.commentBefore = origin.commentBefore;
    if (typeof node.value === 'string' && origin.type !== undefined && origin.type !== 'PLAIN') node.type = origin.type;
    return;
  }
  if (isCollection(node) && isCollection(origin) && isMap(node) === isMap(origin)) {
    node.comment = origin.comment;
    node.commentBefore = origin.commentBefore;
    node.flow = origin.flow === true;
    return;
  }
  inOneLine(node);
  if (isScalar(origin) && (isScalar(node) || (isCollection(node) && node.flow === true))) node.comment = origin.comment;
}

/** A collection that the user did not write, where it is small. */
function inOneLine(node: Node): void {
  if (isCollection(node) && node.items.length <= 4 && valuesOf(node).every((value) => isScalar(value) || isFlat(value))) node.flow = true;
}

function isFlat(node: unknown): boolean {
  return isCollection(node) && node.items.length <= 4 && valuesOf(node).every((value) => isScalar(value));
}

function valuesOf(node: YAMLMap | YAMLSeq): unknown[] {
  return node.items.map((item) => (isMap(node) ? (item as Pair).value : item));
}

function findPair(document: Document, path: Path): Pair | undefined {
  const parent = nodeAt(document, path.slice(0, -1));
  if (!isMap(parent)) return undefined;
  return parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(path.at(-1)));
}

function nodeAt(document: Document, path: Path): Node | undefined {
  let node: unknown = document.contents;
  for (const step of path) {
    const collection = isAlias(node) ? node.resolve(document) : node;
    node = isCollection(collection) ? collection.get(step, true) : undefined;
  }
  const found = isAlias(node) ? node.resolve(document) : node;
  return isScalar(found) || isCollection(found) ? found : undefined;
}
