// A ZIP archive of files as they are, uncompressed: APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.

const LocalHeader = 0x04034b50;
const DirectoryHeader = 0x02014b50;
const EndOfDirectory = 0x06054b50;

/** Version 2.0 of the format. */
const Version = 20;

/** Names are in UTF-8. */
const Utf8 = 1 << 11;

/** 1 January 1980, the first date that there is. */
const FirstDate = (1 << 5) | 1;

const CrcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) {
    crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  }

  return crc;
});

/**
 * @param {{ name: string, bytes: Uint8Array }[]} files with names in ASCII.
 * @returns {Blob}
 */
export function toZip(files) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const nameBytes = new TextEncoder().encode(name);
    const common = [
      [2, Version], [2, Utf8], [2, 0], [2, 0], [2, FirstDate], [4, crcOf(bytes)], [4, bytes.length], [4, bytes.length], [2, nameBytes.length], [2, 0],
    ];
    const header = fields([[4, LocalHeader], ...common]);
    directory.push(fields([[4, DirectoryHeader], [2, Version], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]]), nameBytes);
    parts.push(header, nameBytes, bytes);
    offset += header.length + nameBytes.length + bytes.length;
  }

  const directoryLength = directory.reduce((sum, part) => sum + part.length, 0);
  const end = fields([
    [4, EndOfDirectory], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, directoryLength], [4, offset], [2, 0],
  ]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}

/** Little-endian numbers of two or four bytes, one after another. */
function fields(numbers) {
  const bytes = new Uint8Array(numbers.reduce((sum, [size]) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [size, value] of numbers) {
    if (size === 2) {
      view.setUint16(at, value, true);
    } else {
      view.setUint32(at, value, true);
    }

    at += size;
  }

  return bytes;
}

function crcOf(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc = CrcTable[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  }

  return (crc ^ 0xffffffff) >>> 0;
}
