namespace MnistLstm.Shared.Decoding;

/// <summary>Detects the format of a picture file from its first bytes.</summary>
public static class ImageFormats
{
    /// <summary>
    /// Bytes to search for the start of a PDF or SVG document: comments and declarations may come first.
    /// </summary>
    private const int TextStart = 1024;

    public static ImageFormat Recognize(ReadOnlySpan<byte> encoded) => encoded switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] =>
            IsApplePng(encoded) ? ImageFormat.Unknown : ImageFormat.Png,
        [0xFF, 0xD8, 0xFF, ..] => ImageFormat.Jpeg,
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => ImageFormat.Gif,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] =>
            ImageFormat.WebP,
        [(byte)'B', (byte)'M', ..] => ImageFormat.Bmp,
        _ => ImageFormat.Unknown,
    };

    /// <summary>Names a known but unsupported format, as in "This is …"; null if the format is unknown.</summary>
    public static string? NameUnread(ReadOnlySpan<byte> file)
    {
        if (file.Length >= 12 && file[4..].StartsWith("ftyp"u8))
        {
            return NameOfBrands(file);
        }

        return file switch
        {
            // Camera raw files are also TIFF files, some with their own signature.
            [(byte)'I', (byte)'I', 42, 0, _, _, _, _, (byte)'C', (byte)'R', ..] => "a camera raw picture (CR2)",
            [(byte)'I', (byte)'I', (byte)'U' or (byte)'R', 0 or (byte)'O' or (byte)'S', ..] => "a camera raw picture",
            [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..] => "a TIFF picture",
            [0, 0, 0, 12, (byte)'J', (byte)'X', (byte)'L', (byte)' ', ..] or [0xFF, 0x0A, ..] => "a JPEG XL picture",
            [0, 0, 0, 12, (byte)'j', (byte)'P', ..] or [0xFF, 0x4F, 0xFF, 0x51, ..] => "a JPEG 2000 picture",
            [0, 0, 1, 0, > 0, 0, ..] => "a Windows icon (ICO)",
            _ when IsApplePng(file) => "a PNG in Apple's own format (CgBI)",
            _ when file.StartsWith("8BPS"u8) => "a Photoshop document (PSD)",
            _ when file.StartsWith("FUJIFILMCCD-RAW"u8) => "a camera raw picture (RAF)",
            _ => NameOfText(file[..Math.Min(TextStart, file.Length)]),
        };
    }

    /// <summary>
    /// Xcode's PNG files for iOS have another sample order, and a chunk of their own before all others.
    /// </summary>
    private static bool IsApplePng(ReadOnlySpan<byte> file) =>
        file.StartsWith<byte>([0x89, (byte)'P', (byte)'N', (byte)'G']) && file.Length >= 16
        && file[12..].StartsWith("CgBI"u8);

    /// <summary>ISO/IEC 14496-12: a major brand, its version and compatible brands, four bytes each.</summary>
    private static string? NameOfBrands(ReadOnlySpan<byte> file)
    {
        const int MaxBrands = 64;
        bool isHeif = false;
        for (int at = 8; at + 4 <= Math.Min(Math.Min(file.Length, file[3] | (file[2] << 8)), MaxBrands); at += 4)
        {
            switch (file.Slice(at, 4))
            {
                case [(byte)'a', (byte)'v', (byte)'i', (byte)'f' or (byte)'s']:
                    return "an AVIF picture";
                case [(byte)'c', (byte)'r', (byte)'x', (byte)' ']:
                    return "a camera raw picture (CR3)";
                case [(byte)'h', (byte)'e', (byte)'i' or (byte)'v', _]
                    or [(byte)'m', (byte)'i' or (byte)'s', (byte)'f', (byte)'1']:
                    isHeif = true;
                    break;
                default:
                    break;
            }
        }

        return isHeif ? "a HEIC picture" : null;
    }

    private static string? NameOfText(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("%PDF-"u8) || text.IndexOf("\n%PDF-"u8) >= 0)
        {
            return "a PDF document";
        }

        ReadOnlySpan<byte> byteOrderMark = [0xEF, 0xBB, 0xBF];
        text = (text.StartsWith(byteOrderMark) ? text[byteOrderMark.Length..] : text).TrimStart(" \t\r\n"u8);
        bool isSvg = text.StartsWith("<"u8) && text.IndexOf("<svg"u8) >= 0 && text.IndexOf("<html"u8) < 0;
        return isSvg ? "an SVG picture" : null;
    }
}
