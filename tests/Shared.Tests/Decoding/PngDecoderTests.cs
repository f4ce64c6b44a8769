using System.Buffers.Binary;
using System.IO.Hashing;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Decoding.Png;
using MnistLstm.Shared.Pixels;
using SkiaSharp;

namespace MnistLstm.Shared.Tests.Decoding;

/// <summary>Our own decoder gives what Skia gives, pixel for pixel, and refuses what Skia refuses.</summary>
public sealed class PngDecoderTests
{
    private const int Seed = 280;
    private const int Mutants = 30;

    public static TheoryData<SKColorType, SKPngEncoderFilterFlags, int> Encodings
    {
        get
        {
            var data = new TheoryData<SKColorType, SKPngEncoderFilterFlags, int>();
            foreach (SKColorType type in new[] { SKColorType.Gray8, SKColorType.Rgb888x, SKColorType.Rgba8888 })
            {
                foreach (SKPngEncoderFilterFlags filter in new[]
                {
                    SKPngEncoderFilterFlags.None, SKPngEncoderFilterFlags.Sub, SKPngEncoderFilterFlags.Up,
                    SKPngEncoderFilterFlags.Avg, SKPngEncoderFilterFlags.Paeth, SKPngEncoderFilterFlags.AllFilters,
                })
                {
                    foreach (int level in new[] { 0, 1, 9 })
                    {
                        data.Add(type, filter, level);
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Every_filter_and_compression_is_decoded(SKColorType type, SKPngEncoderFilterFlags filter, int level)
    {
        foreach ((int width, int height) in new[] { (1, 1), (3, 5), (28, 28), (37, 61), (200, 90) })
        {
            foreach (Func<int, int, uint> pixel in Contents())
            {
                byte[] file = Encode(width, height, type, filter, level, pixel);

                ShouldDecodeAsBySkia(file);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_damaged_file_is_rejected_wherever_Skia_rejects_it(
        SKColorType type, SKPngEncoderFilterFlags filter, int level)
    {
        var random = new Random(Seed);
        byte[] whole = Encode(40, 30, type, filter, level, Contents().Last());
        for (int i = 0; i < Mutants; i++)
        {
            byte[] file = i % 3 == 0 ? whole[..random.Next(9, whole.Length)] : [.. whole];
            for (int flips = random.Next(3); flips >= 0; flips--)
            {
                // Behind the signature, or it is no PNG, and before the empty last chunk.
                file[random.Next(8, Math.Max(9, Math.Min(file.Length, whole.Length - 12)))] ^=
                    (byte)(1 << random.Next(8));
            }

            if (i % 3 == 1)
            {
                RepairChecksums(file);
            }

            ImageDecoder.Decode(file, ImageLimits.Default, out GrayImage? image);
            using (image)
            {
                using GrayImage? expected = image is null ? null : SkiaOracle.Decode(file);
                if (image is not null)
                {
                    expected.ShouldNotBeNull($"mutant {i}");
                    ShouldBeEqual(image, expected);
                }
            }
        }
    }

    [Fact]
    public void Pixels_in_many_chunks_are_joined()
    {
        byte[] file = Encode(120, 80, SKColorType.Rgba8888, SKPngEncoderFilterFlags.AllFilters, 6, Contents().Last());

        byte[] split = SplitData(file, bytes: 10);

        PngFile.Read(split)!.DataLength.ShouldBe(PngFile.Read(file)!.DataLength);
        split.Length.ShouldBeGreaterThan(file.Length + 100);
        ShouldDecodeAsBySkia(split);
    }

    [Theory]
    [InlineData("gAMA")]
    [InlineData("sRGB")]
    [InlineData("pHYs")]
    [InlineData("sBIT")]
    public void Chunks_that_do_not_affect_pixels_are_skipped(string name)
    {
        byte[] content = name switch
        {
            "gAMA" => [0, 0, 0xB1, 0x8F],
            "sRGB" => [0],
            "sBIT" => [8, 8, 8],
            _ => [0, 0, 11, 18, 0, 0, 11, 18, 1],
        };
        byte[] file = PictureFiles.Png(9, 7, bitDepth: 8, colorType: 2, PictureFiles.Rows(9, 7, (x, y) =>
            [(byte)(x * 20), (byte)(y * 30), 90]), (name, content));

        ShouldDecodeAsBySkia(file);
    }

    public static TheoryData<int, int, bool, bool> Kinds
    {
        get
        {
            var data = new TheoryData<int, int, bool, bool>();
            foreach ((int colorType, int[] depths) in new[]
            {
                (PngFile.Gray, new[] { 1, 2, 4, 8, 16 }), (PngFile.Rgb, [8, 16]), (PngFile.Palette, [1, 2, 4, 8]),
                (PngFile.GrayAlpha, [8, 16]), (PngFile.Rgba, [8, 16]),
            })
            {
                foreach (int depth in depths)
                {
                    foreach (bool isInterlaced in new[] { false, true })
                    {
                        data.Add(colorType, depth, isInterlaced, false);
                        if (colorType is PngFile.Gray or PngFile.Rgb or PngFile.Palette)
                        {
                            data.Add(colorType, depth, isInterlaced, true);
                        }
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_of_file_of_any_size_is_decoded_as_by_Skia(
        int colorType, int bitDepth, bool isInterlaced, bool hasTransparency)
    {
        foreach ((int width, int height) in new[] { (1, 1), (2, 1), (4, 5), (5, 3), (28, 28), (67, 41), (300, 260) })
        {
            byte[] file = Noise(width, height, colorType, bitDepth, isInterlaced, hasTransparency);

            ShouldDecodeAsBySkia(file);
        }
    }

    [Theory]
    [InlineData("bKGD")]
    [InlineData("hIST")]
    [InlineData("acTL")]
    [InlineData("iCCP")]
    [InlineData("PLTE")]
    [InlineData("tRNS")]
    public void A_meaningless_chunk_is_skipped(string name)
    {
        byte[][] rows = PictureFiles.Rows(9, 7, (x, y) => [(byte)(x * y), 90, (byte)(y * 30)]);
        byte[] file = PictureFiles.Png(9, 7, bitDepth: 8, colorType: 2, rows, (name, [0, 0]));

        ShouldDecodeAsBySkia(file);
    }

    [Fact]
    public void A_critical_chunk_that_is_not_known_is_rejected()
    {
        byte[][] rows = PictureFiles.Rows(9, 7, (x, y) => [(byte)(x * y)]);
        byte[] file = PictureFiles.Png(9, 7, bitDepth: 8, colorType: 0, rows, ("ABCD", [0, 0]));

        ImageDecoder.Decode(file, ImageLimits.Default, out _).ShouldBe(ImageProblem.Damaged);
    }

    [Fact]
    public void Apple_s_PNG_variant_is_rejected()
    {
        byte[] file =
            PictureFiles.Png(9, 7, bitDepth: 8, colorType: 0, PictureFiles.Rows(9, 7, (x, y) => [(byte)(x * y)]));
        byte[] apple = [.. file[..8], 0, 0, 0, 4, .. "CgBI"u8, 0x50, 0, 0x20, 6, 0x2B, 0xD5, 0xB3, 0x7F, .. file[8..]];

        ImageDecoder.Decode(apple, ImageLimits.Default, out _).ShouldBe(ImageProblem.UnknownFormat);
        ImageFormats.NameUnread(apple).ShouldBe("a PNG in Apple's own format (CgBI)");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void A_value_beyond_the_palette_has_its_last_color(int bitDepth)
    {
        byte[][] rows = PictureFiles.Rows(8, 3, (x, y) => [(byte)((x * 67) + y)]);
        byte[] file = PictureFiles.Png(
            8 * 8 / bitDepth, 3, bitDepth, colorType: 3, rows, ("PLTE", [9, 8, 7, 200, 100, 50, 30, 60, 90]));

        ShouldDecodeAsBySkia(file);
    }

    [Fact]
    public void A_palette_file_without_palette_is_rejected()
    {
        byte[][] rows = PictureFiles.Rows(9, 7, (x, y) => [(byte)(x * y)]);

        ShouldBeRefused(PictureFiles.Png(9, 7, bitDepth: 8, colorType: 3, rows));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Missing_rows_are_rejected_and_extra_rows_skipped(bool isInterlaced)
    {
        byte[] data = new byte[200];
        byte[] Png(int length) => PictureFiles.Png(9, 7, 8, 0, isInterlaced, data[..length], [], []);
        int whole = isInterlaced ? 63 + (2 + 1 + 2 + 2 + 4 + 3) : 63 + 7;

        ShouldBeRefused(Png(whole - 1));
        ShouldDecodeAsBySkia(Png(whole));
        ShouldDecodeAsBySkia(Png(whole + 10));
    }

    [Fact]
    public void A_file_that_ends_after_its_pixels_is_read()
    {
        byte[] file = Noise(30, 20, PngFile.Rgb, bitDepth: 8, isInterlaced: false, hasTransparency: false);

        using GrayImage image = Decode(file[..^12]);
        using GrayImage expected = Decode(file);
        image.Pixels.SequenceEqual(expected.Pixels).ShouldBeTrue();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_is_decoded_after_the_client_left(bool isInterlaced)
    {
        byte[] file = Noise(30, 20, PngFile.Gray, bitDepth: 16, isInterlaced, hasTransparency: false);

        Should.Throw<OperationCanceledException>(() => ImageDecoder.Decode(
            file, ImageHeader.Read(file), ImageLimits.Default, out _, stop: new CancellationToken(canceled: true)));
    }

    /// <summary>
    /// The second byte of zlib data can ask for a dictionary that was agreed on (RFC 1950), which PNG does not know.
    /// </summary>
    [Fact]
    public void Data_that_needs_a_preset_dictionary_is_rejected()
    {
        const byte HasDictionary = 0x20;
        byte[] file =
            PictureFiles.Png(9, 7, bitDepth: 8, colorType: 0, PictureFiles.Rows(9, 7, (x, y) => [(byte)(x * y)]));
        int zlib = Chunks(file).First(chunk => file.AsSpan(chunk.Start + 4, 4).SequenceEqual("IDAT"u8)).Start + 8;
        int header = (file[zlib] << 8) | HasDictionary;
        file[zlib + 1] = (byte)(HasDictionary + ((31 - (header % 31)) % 31));
        RepairChecksums(file);

        ShouldBeRefused(file);
    }

    /// <summary>
    /// Lines from border to border that differ from the paper in some colors, rectangles, noise, a drawing on a
    /// transparent ground, and shades with every alpha.
    /// </summary>
    private static IEnumerable<Func<int, int, uint>> Contents()
    {
        var random = new Random(Seed);
        yield return (_, y) =>
            (y % 8) switch { 1 => 0xFFC8DCF0, 3 => 0xFFC8F0F0, 5 => 0xFFF0DCF0, 7 => 0xFFF0F0DC, _ => 0xFFF0F0F0 };
        yield return Rectangles(random);
        yield return (_, _) => (uint)random.NextInt64();
        yield return (x, y) => (x - 20) * (y - 15) / 40 == 1 ? 0xFF102030 : 0;
        yield return (x, y) => (uint)((x * 7) << 24 | (y * 5 & 0xFF) << 16 | (x + y) % 256 << 8 | (x ^ y) & 0xFF);
    }

    /// <summary>A picture of few colors, layered, many of them at the left border.</summary>
    private static Func<int, int, uint> Rectangles(Random random)
    {
        uint[] colors = [0xFFF0F0F0, 0xFFC8F0F0, 0xFFF0DCF0, 0xFFF0F0DC, 0xFF102030, 0x80102030, 0];
        (SKRectI Area, uint Color)[] all = [.. Enumerable.Range(0, 60).Select(_ =>
        {
            int left = Math.Max(random.Next(-60, 200), 0);
            int top = random.Next(90);
            return (SKRectI.Create(left, top, random.Next(1, 200), random.Next(1, 9)),
                colors[random.Next(colors.Length)]);
        })];
        return (x, y) => all.LastOrDefault(rectangle => rectangle.Area.Contains(x, y), (default, colors[0])).Color;
    }

    private static byte[] Encode(
        int width, int height, SKColorType type, SKPngEncoderFilterFlags filter, int level, Func<int, int, uint> pixel)
    {
        bool hasAlpha = type == SKColorType.Rgba8888;
        using var bitmap =
            new SKBitmap(new SKImageInfo(width, height, type, hasAlpha ? SKAlphaType.Unpremul : SKAlphaType.Opaque));
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                bitmap.SetPixel(x, y, new SKColor(hasAlpha ? pixel(x, y) : pixel(x, y) | 0xFF000000));
            }
        }

        using SKPixmap pixmap = bitmap.PeekPixels();
        using SKData data = pixmap.Encode(new SKPngEncoderOptions(filter, level))!;
        return data.ToArray();
    }

    /// <summary>Random samples behind each of the filters.</summary>
    private static byte[] Noise(
        int width, int height, int colorType, int bitDepth, bool isInterlaced, bool hasTransparency)
    {
        var random = new Random(Seed);
        int channels = colorType switch { PngFile.Rgb => 3, PngFile.GrayAlpha => 2, PngFile.Rgba => 4, _ => 1 };
        (int X, int Y, int StepX, int StepY)[] passes = isInterlaced
            ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
            : [(0, 0, 1, 1)];
        var data = new List<byte>();
        foreach ((int x, int y, int stepX, int stepY) in passes)
        {
            int across = Enumerable.Range(0, width).Count(at => at >= x && (at - x) % stepX == 0);
            int down = Enumerable.Range(0, height).Count(at => at >= y && (at - y) % stepY == 0);
            byte[] row = new byte[((across * channels * bitDepth) + 7) / 8];
            for (int i = 0; i < (across == 0 ? 0 : down); i++)
            {
                random.NextBytes(row);
                data.Add((byte)(i % 5));
                data.AddRange(row);
            }
        }

        byte[] palette = new byte[3 << Math.Min(8, bitDepth)];
        random.NextBytes(palette);
        byte[] transparency = colorType == PngFile.Palette
            ? [.. palette.AsSpan(0, Math.Max(1, palette.Length / 5))]
            : [.. Enumerable.Repeat<byte[]>([0, (byte)(bitDepth < 8 ? 1 : 77)], channels).SelectMany(b => b)];
        List<(string, byte[])> chunks = [];
        if (colorType == PngFile.Palette)
        {
            chunks.Add(("PLTE", palette));
        }

        if (hasTransparency)
        {
            chunks.Add(("tRNS", transparency));
        }

        return PictureFiles.Png(width, height, bitDepth, colorType, isInterlaced, [.. data], [.. chunks], []);
    }

    private static void ShouldBeRefused(byte[] file)
    {
        ImageDecoder.Decode(file, ImageLimits.Default, out _).ShouldBe(ImageProblem.Damaged);
        SkiaOracle.Decode(file).ShouldBeNull();
    }

    private static GrayImage Decode(byte[] file)
    {
        ImageDecoder.Decode(file, ImageLimits.Default, out GrayImage? image).ShouldBe(ImageProblem.None);
        return image!;
    }

    private static void ShouldDecodeAsBySkia(byte[] file)
    {
        using GrayImage image = Decode(file);
        using GrayImage? expected = SkiaOracle.Decode(file);
        ShouldBeEqual(image, expected!);
    }

    private static void ShouldBeEqual(GrayImage image, GrayImage expected)
    {
        (image.Width, image.Height).ShouldBe((expected.Width, expected.Height));
        int most = 0;
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            most = Math.Max(most, Math.Abs(image.Pixels[i] - expected.Pixels[i]));
        }

        most.ShouldBe(0);
    }

    private static byte[] SplitData(byte[] file, int bytes)
    {
        var split = new List<byte>(file[..8]);
        foreach ((int start, int length) in Chunks(file))
        {
            ReadOnlySpan<byte> type = file.AsSpan(start + 4, 4);
            int step = type.SequenceEqual("IDAT"u8) ? bytes : Math.Max(length, 1);
            for (int from = 0; from == 0 || from < length; from += step)
            {
                int count = Math.Min(step, length - from);
                byte[] chunk = new byte[12 + count];
                BinaryPrimitives.WriteInt32BigEndian(chunk, count);
                type.CopyTo(chunk.AsSpan(4));
                file.AsSpan(start + 8 + from, count).CopyTo(chunk.AsSpan(8));
                BinaryPrimitives.WriteUInt32BigEndian(
                    chunk.AsSpan(8 + count), Crc32.HashToUInt32(chunk.AsSpan(4, 4 + count)));
                split.AddRange(chunk);
            }
        }

        return [.. split];
    }

    private static void RepairChecksums(byte[] file)
    {
        foreach ((int start, int length) in Chunks(file))
        {
            BinaryPrimitives.WriteUInt32BigEndian(
                file.AsSpan(start + 8 + length), Crc32.HashToUInt32(file.AsSpan(start + 4, 4 + length)));
        }
    }

    private static List<(int Start, int Length)> Chunks(byte[] file)
    {
        List<(int Start, int Length)> chunks = [];
        for (int at = 8; at + 12 <= file.Length; at += 12 + chunks[^1].Length)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            if (length > file.Length - at - 12)
            {
                break;
            }

            chunks.Add((at, (int)length));
        }

        return chunks;
    }
}
