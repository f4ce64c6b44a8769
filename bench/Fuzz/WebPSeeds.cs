using System.Buffers.Binary;
using MnistLstm.Support;
using SkiaSharp;

namespace MnistLstm.Fuzz;

/// <summary>WebP files (RFC 9649), lossy and lossless, plain and extended.</summary>
internal static class WebPSeeds
{
    private const int Width = 20;
    private const int Height = 17;
    private const int FileHeader = 12;
    private const byte HasAnimation = 2;
    private const byte HasExif = 8;
    private const byte HasAlpha = 16;
    private const byte HasProfile = 32;

    public static IEnumerable<(string Name, byte[] File)> All()
    {
        byte[] lossy = Encode(SKWebpEncoderCompression.Lossy, 60, (x, y) => Gray(x, y));
        byte[] lossless = Encode(SKWebpEncoderCompression.Lossless, 60, (x, y) => Gray(x, y));
        yield return ("lossy.webp", lossy);
        yield return ("lossy-fine.webp", Encode(SKWebpEncoderCompression.Lossy, 98, Noise));
        yield return ("lossy-coarse.webp", Encode(SKWebpEncoderCompression.Lossy, 5, Noise));
        yield return ("lossy-alpha.webp", Encode(SKWebpEncoderCompression.Lossy, 60, Translucent));
        yield return ("lossless.webp", lossless);
        yield return ("lossless-noise.webp", Encode(SKWebpEncoderCompression.Lossless, 100, Noise));
        yield return ("lossless-alpha.webp", Encode(SKWebpEncoderCompression.Lossless, 30, Translucent));
        yield return ("lossless-ramp.webp", Encode(
            SKWebpEncoderCompression.Lossless, 80, (x, y) =>
                new SKColor((byte)(x * 12), (byte)(y * 14), (byte)(x * y))));
        for (byte filter = 0; filter < 4; filter++)
        {
            byte[] alpha = [(byte)(filter << 2), .. Enumerable.Range(0, Width * Height).Select(i => (byte)(i * 3))];
            yield return ($"alpha-filter-{filter}.webp", Extended(HasAlpha, Chunk("ALPH", alpha), Picture(lossy)));
        }

        yield return ("exif.webp", PictureFiles.WithOrientation(lossy, Width, Height, orientation: 6));
        yield return ("exif-lossless.webp", PictureFiles.WithOrientation(lossless, Width, Height, orientation: 3));
        yield return ("metadata.webp", Extended(
            HasProfile | HasExif | 4,
            Chunk("ICCP", new byte[132]), Picture(lossy), Chunk("EXIF", PictureFiles.Exif(2)),
            Chunk("XMP ", [.. "<x/>"u8])));
        yield return ("animated.webp", Animated(lossy));
        yield return ("animated-lossless.webp", Animated(lossless));
    }

    private static byte[] Encode(SKWebpEncoderCompression compression, float quality, Func<int, int, SKColor> color)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(Width, Height, SKColorType.Bgra8888, SKAlphaType.Unpremul));
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                bitmap.SetPixel(x, y, color(x, y));
            }
        }

        using SKPixmap pixels = bitmap.PeekPixels()!;
        using SKData data = pixels.Encode(new SKWebpEncoderOptions(compression, quality))!;
        return data.ToArray();
    }

    private static SKColor Gray(int x, int y)
    {
        byte level = Seeds.Level(x, y, Width, Height);
        return new SKColor(level, level, level);
    }

    private static SKColor Noise(int x, int y) =>
        new((byte)(x * 97 ^ (y * 31)), (byte)(x * y * 53), (byte)((x << 4) + (y * 77)));

    private static SKColor Translucent(int x, int y) => Gray(x, y).WithAlpha((byte)((x + y) * 7));

    private static byte[] Animated(byte[] file)
    {
        byte[] frame = [0, 0, 0, 0, 0, 0, Width - 1, 0, 0, Height - 1, 0, 0, 40, 0, 0, 0, .. Picture(file)];
        return Extended(HasAnimation, Chunk("ANIM", new byte[6]), Chunk("ANMF", frame), Chunk("ANMF", frame));
    }

    /// <summary>The only chunk of a plain file.</summary>
    private static byte[] Picture(byte[] file) => file[FileHeader..];

    private static byte[] Extended(int flags, params byte[][] chunks)
    {
        byte[] canvas = Chunk("VP8X", [(byte)flags, 0, 0, 0, Width - 1, 0, 0, Height - 1, 0, 0]);
        byte[] file = [.. "RIFF"u8, 0, 0, 0, 0, .. "WEBP"u8, .. canvas, .. chunks.SelectMany(chunk => chunk)];
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        return file;
    }

    private static byte[] Chunk(string name, byte[] content)
    {
        byte[] chunk = [.. System.Text.Encoding.ASCII.GetBytes(name), 0, 0, 0, 0, .. content];
        BinaryPrimitives.WriteInt32LittleEndian(chunk.AsSpan(4), content.Length);
        return content.Length % 2 == 0 ? chunk : [.. chunk, 0];
    }
}
