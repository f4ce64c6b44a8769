using System.Buffers.Binary;
using System.IO.Hashing;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Decoding.Png;
using MnistLstm.Shared.Pixels;
using SkiaSharp;

namespace MnistLstm.Shared.Tests.Decoding;

/// <summary>Our own decoder gives what the image library gives, pixel for pixel and refusal for refusal.</summary>
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
    public void Every_filter_and_compression_is_undone(SKColorType type, SKPngEncoderFilterFlags filter, int level)
    {
        foreach ((int width, int height) in new[] { (1, 1), (3, 5), (28, 28), (37, 61), (200, 90) })
        {
            foreach (Func<int, int, uint> pixel in Contents())
            {
                byte[] file = Encode(width, height, type, filter, level, pixel);

                PngFile.Read(file).ShouldNotBeNull();
                ShouldDecodeAsByLibrary(file);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_damaged_file_is_refused_where_the_library_refuses_it(SKColorType type, SKPngEncoderFilterFlags filter, int level)
    {
        var random = new Random(Seed);
        byte[] whole = Encode(40, 30, type, filter, level, Contents().Last());
        for (int i = 0; i < Mutants; i++)
        {
            byte[] file = i % 3 == 0 ? whole[..random.Next(9, whole.Length)] : [.. whole];
            for (int flips = random.Next(3); flips >= 0; flips--)
            {
                // Behind the signature, or it is no PNG.
                file[random.Next(8, file.Length)] ^= (byte)(1 << random.Next(8));
            }

            if (i % 3 == 1)
            {
                RepairChecksums(file);
            }

            ShouldDecodeAsByLibrary(file);
        }
    }

    [Fact]
    public void Pixels_in_many_chunks_are_put_together()
    {
        byte[] file = Encode(120, 80, SKColorType.Rgba8888, SKPngEncoderFilterFlags.AllFilters, 6, Contents().Last());

        byte[] split = SplitData(file, bytes: 10);

        PngFile.Read(split)!.Value.DataLength.ShouldBe(PngFile.Read(file)!.Value.DataLength);
        split.Length.ShouldBeGreaterThan(file.Length + 100);
        ShouldDecodeAsByLibrary(split);
    }

    [Theory]
    [InlineData("gAMA")]
    [InlineData("sRGB")]
    [InlineData("pHYs")]
    [InlineData("sBIT")]
    public void Chunks_that_do_not_change_pixels_are_passed_over(string name)
    {
        byte[] content = name switch { "gAMA" => [0, 0, 0xB1, 0x8F], "sRGB" => [0], "sBIT" => [8, 8, 8], _ => [0, 0, 11, 18, 0, 0, 11, 18, 1] };
        byte[] file = PictureFiles.Png(9, 7, bitDepth: 8, colorType: 2, PictureFiles.Rows(9, 7, (x, y) => [(byte)(x * 20), (byte)(y * 30), 90]), (name, content));

        PngFile.Read(file).ShouldNotBeNull();
        ShouldDecodeAsByLibrary(file);
    }

    [Theory]
    [InlineData("bKGD")]
    [InlineData("tRNS")]
    [InlineData("acTL")]
    [InlineData("iCCP")]
    public void Files_with_anything_else_are_left_to_the_library(string name)
    {
        byte[] file = PictureFiles.Png(9, 7, bitDepth: 8, colorType: 0, PictureFiles.Rows(9, 7, (x, y) => [(byte)(x * y)]), (name, [0, 0]));

        PngFile.Read(file).ShouldBeNull();
    }

    [Theory]
    [InlineData(6)]
    [InlineData(8)]
    public void Pixels_of_more_or_fewer_rows_are_left_to_the_library(int rows)
    {
        byte[] file = PictureFiles.Png(9, 7, bitDepth: 8, colorType: 0, PictureFiles.Rows(9, rows, (x, y) => [(byte)(x * y)]));

        PngDecoder.TryDecode(file, PngFile.Read(file)!.Value, factor: 1).ShouldBeNull();
    }

    /// <summary>The second byte of zlib data can ask for a dictionary that was agreed on (RFC 1950), which PNG does not know.</summary>
    [Fact]
    public void Data_that_asks_for_a_dictionary_is_left_to_the_library()
    {
        const byte HasDictionary = 0x20;
        byte[] file = PictureFiles.Png(9, 7, bitDepth: 8, colorType: 0, PictureFiles.Rows(9, 7, (x, y) => [(byte)(x * y)]));
        int zlib = Chunks(file).First(chunk => file.AsSpan(chunk.Start + 4, 4).SequenceEqual("IDAT"u8)).Start + 8;
        int header = (file[zlib] << 8) | HasDictionary;
        file[zlib + 1] = (byte)(HasDictionary + ((31 - (header % 31)) % 31));
        RepairChecksums(file);

        PngDecoder.TryDecode(file, PngFile.Read(file)!.Value, factor: 1).ShouldBeNull();
        ShouldDecodeAsByLibrary(file);
    }

    /// <summary>
    /// Lines from border to border that differ from the paper in some colours, rectangles, noise, a drawing on a transparent ground,
    /// and shades with every alpha.
    /// </summary>
    private static IEnumerable<Func<int, int, uint>> Contents()
    {
        var random = new Random(Seed);
        yield return (_, y) => (y % 8) switch { 1 => 0xFFC8DCF0, 3 => 0xFFC8F0F0, 5 => 0xFFF0DCF0, 7 => 0xFFF0F0DC, _ => 0xFFF0F0F0 };
        yield return Rectangles(random);
        yield return (_, _) => (uint)random.NextInt64();
        yield return (x, y) => (x - 20) * (y - 15) / 40 == 1 ? 0xFF102030 : 0;
        yield return (x, y) => (uint)((x * 7) << 24 | (y * 5 & 0xFF) << 16 | (x + y) % 256 << 8 | (x ^ y) & 0xFF);
    }

    /// <summary>Of few colours, one over another, many of them at the left border.</summary>
    private static Func<int, int, uint> Rectangles(Random random)
    {
        uint[] colours = [0xFFF0F0F0, 0xFFC8F0F0, 0xFFF0DCF0, 0xFFF0F0DC, 0xFF102030, 0x80102030, 0];
        (SKRectI Area, uint Colour)[] all = [.. Enumerable.Range(0, 60).Select(_ =>
        {
            int left = Math.Max(random.Next(-60, 200), 0);
            int top = random.Next(90);
            return (SKRectI.Create(left, top, random.Next(1, 200), random.Next(1, 9)), colours[random.Next(colours.Length)]);
        })];
        return (x, y) => all.LastOrDefault(rectangle => rectangle.Area.Contains(x, y), (default, colours[0])).Colour;
    }

    private static byte[] Encode(
        int width, int height, SKColorType type, SKPngEncoderFilterFlags filter, int level, Func<int, int, uint> pixel)
    {
        bool hasAlpha = type == SKColorType.Rgba8888;
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, type, hasAlpha ? SKAlphaType.Unpremul : SKAlphaType.Opaque));
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

    private static void ShouldDecodeAsByLibrary(byte[] file)
    {
        ImageProblem expectedProblem = ImageDecoder.DecodeByLibrary(
            file, ImageHeader.Read(file), out GrayImage? expected);
        ImageProblem problem = ImageDecoder.Decode(file, ImageLimits.Default, out GrayImage? image);
        using (expected)
        using (image)
        {
            (problem == ImageProblem.None).ShouldBe(expectedProblem == ImageProblem.None);
            (image?.Width, image?.Height).ShouldBe((expected?.Width, expected?.Height));
            (image is null || image.Pixels.SequenceEqual(expected!.Pixels)).ShouldBeTrue();
        }
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
                BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + count), Crc32.HashToUInt32(chunk.AsSpan(4, 4 + count)));
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
