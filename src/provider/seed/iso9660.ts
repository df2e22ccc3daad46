/**
 * A small ISO 9660 image: one volume, one level of folders, every file in one piece. Written by hand so that a seed
 * disk needs no tool on the controller. Linux lower-cases and takes names as they are, so Rock Ridge isn't needed.
 * Layout after ECMA-119: 16 sectors unused, descriptor, terminator, two path tables, folders, files.
 */
const SECTOR = 2048;
const FIRST_TABLE = 18;

interface Extent {
  readonly name: string;
  readonly sector: number;
  readonly bytes: number;
}

/** `files` maps `name` or `folder/name` to content; a folder holds at most some forty names. */
export function iso9660(label: string, files: ReadonlyMap<string, string>): Buffer {
  const folders = [
    '',
    ...new Set(
      [...files.keys()].filter((path) => path.includes('/')).map((path) => path.split('/')[0] ?? ''),
    ),
  ];
  const folderSector = (folder: string) => FIRST_TABLE + 2 + folders.indexOf(folder);
  const placed = place(files, FIRST_TABLE + 2 + folders.length);
  const image = Buffer.alloc(placed.end * SECTOR);
  image.set(volumeDescriptor(label, placed.end, folders, folderSector('')), 16 * SECTOR);
  image.set(Buffer.from('\xffCD001\x01', 'latin1'), 17 * SECTOR);
  image.set(pathTable(folders, folderSector, 'little'), FIRST_TABLE * SECTOR);
  image.set(pathTable(folders, folderSector, 'big'), (FIRST_TABLE + 1) * SECTOR);
  for (const folder of folders)
    image.set(folderRecords(folder, folders, folderSector, placed.extents), folderSector(folder) * SECTOR);
  for (const extent of placed.extents) image.write(files.get(extent.name) ?? '', extent.sector * SECTOR);
  return image;
}

function place(files: ReadonlyMap<string, string>, first: number): { extents: Extent[]; end: number } {
  let end = first;
  const extents = [...files].map(([name, content]) => {
    const extent = { name, sector: end, bytes: Buffer.byteLength(content) };
    end += Math.max(1, Math.ceil(extent.bytes / SECTOR));
    return extent;
  });
  return { extents, end };
}

function volumeDescriptor(label: string, sectors: number, folders: readonly string[], root: number): Buffer {
  const descriptor = Buffer.alloc(SECTOR);
  descriptor.fill(' ', 8, 72).fill(' ', 190, 813).fill('0', 813, 881);
  descriptor.write('\x01CD001\x01', 0, 'latin1');
  descriptor.write(label, 40, 'latin1');
  both32(descriptor, 80, sectors);
  both16(descriptor, 120, 1);
  both16(descriptor, 124, 1);
  both16(descriptor, 128, SECTOR);
  both32(descriptor, 132, pathTable(folders, () => 0, 'little').length);
  descriptor.writeUInt32LE(FIRST_TABLE, 140);
  descriptor.writeUInt32BE(FIRST_TABLE + 1, 148);
  descriptor.set(record('\0', root, SECTOR, true), 156);
  descriptor.writeUInt8(1, 881);
  return descriptor;
}

function pathTable(
  folders: readonly string[],
  sectorOf: (folder: string) => number,
  order: 'little' | 'big',
): Buffer {
  const entries = folders.map((folder) => {
    const name = folder === '' ? '\0' : folder;
    const entry = Buffer.alloc(8 + name.length + (name.length % 2));
    entry.writeUInt8(name.length, 0);
    order === 'little' ? entry.writeUInt32LE(sectorOf(folder), 2) : entry.writeUInt32BE(sectorOf(folder), 2);
    order === 'little' ? entry.writeUInt16LE(1, 6) : entry.writeUInt16BE(1, 6);
    entry.write(name, 8, 'latin1');
    return entry;
  });
  return Buffer.concat(entries);
}

function folderRecords(
  folder: string,
  folders: readonly string[],
  sectorOf: (folder: string) => number,
  extents: readonly Extent[],
): Buffer {
  const prefix = folder === '' ? '' : `${folder}/`;
  const inside = extents.filter(
    ({ name }) => name.startsWith(prefix) && !name.slice(prefix.length).includes('/'),
  );
  const below = folder === '' ? folders.slice(1) : [];
  const named = [
    ...inside.map(({ name, sector, bytes }) => ({
      name: name.slice(prefix.length),
      sector,
      bytes,
      isFolder: false,
    })),
    ...below.map((name) => ({ name, sector: sectorOf(name), bytes: SECTOR, isFolder: true })),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
  return Buffer.concat([
    record('\0', sectorOf(folder), SECTOR, true),
    record('\x01', sectorOf(''), SECTOR, true),
    ...named.map(({ name, sector, bytes, isFolder }) => record(name, sector, bytes, isFolder)),
  ]);
}

function record(name: string, sector: number, bytes: number, isFolder: boolean): Buffer {
  const length = 33 + name.length + (name.length % 2 === 0 ? 1 : 0);
  const entry = Buffer.alloc(length);
  entry.writeUInt8(length, 0);
  both32(entry, 2, sector);
  both32(entry, 10, bytes);
  // 1 January 2000: the same content gives the same image.
  entry.set([100, 1, 1], 18);
  entry.writeUInt8(isFolder ? 2 : 0, 25);
  both16(entry, 28, 1);
  entry.writeUInt8(name.length, 32);
  entry.write(name, 33, 'latin1');
  return entry;
}

/** Numbers stand twice, in both byte orders. */
function both32(buffer: Buffer, at: number, value: number): void {
  buffer.writeUInt32LE(value, at);
  buffer.writeUInt32BE(value, at + 4);
}

function both16(buffer: Buffer, at: number, value: number): void {
  buffer.writeUInt16LE(value, at);
  buffer.writeUInt16BE(value, at + 2);
}
