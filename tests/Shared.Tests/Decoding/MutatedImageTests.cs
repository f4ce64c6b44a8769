using System.Diagnostics;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;
using MnistLstm.Support.HardPictures;
using SkiaSharp;

namespace MnistLstm.Shared.Tests.Decoding;

/// <summary>Damaged files of every format: each is read or refused, in bounded time and memory.</summary>
/// <remarks>
/// <c>MUTATED_IMAGES</c> sets how many; the default fits into a test run. It runs alone, for the memory is the whole
/// process's.
/// </remarks>
[Collection(nameof(RunsAlone))]
public sealed class MutatedImageTests
{
    private const int DefaultCount = 4000;

    // A hang is longer than this on any machine; a picture takes some milliseconds.
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(20);

    // Pools and native caches fill up in the beginning.
    private const long MemoryGrowth = 150L * 1024 * 1024;

    private static readonly SKEncodedImageFormat[] Formats =
        [SKEncodedImageFormat.Png, SKEncodedImageFormat.Jpeg, SKEncodedImageFormat.Webp];

    [Fact]
    public void Every_damaged_file_is_read_or_rejected()
    {
        byte[][] files = [.. Files()];
        int count = int.TryParse(Environment.GetEnvironmentVariable("MUTATED_IMAGES"), out int asked)
            ? asked
            : DefaultCount;
        var random = new Random(20);
        byte[] digit = new byte[RowSequence.Length];
        long memoryBefore = 0;
        int read = 0;
        for (int n = 0; n < count; n++)
        {
            byte[] file = Mutate(files[n % files.Length], random);
            long startedAt = Stopwatch.GetTimestamp();

            ImageProblem problem = ImageDecoder.Decode(file, ImageLimits.Default, out GrayImage? image);

            (image is null).ShouldBe(problem != ImageProblem.None);
            if (image is not null)
            {
                using (image)
                {
                    _ = DigitNormalizer.Propose(image).Count();
                }

                read++;
            }

            Stopwatch.GetElapsedTime(startedAt).ShouldBeLessThan(Hang, $"file {n}");
            memoryBefore = n == count / 4 ? Environment.WorkingSet : memoryBefore;
        }

        read.ShouldBeInRange(count / 50, count - (count / 50));
        (Environment.WorkingSet - memoryBefore).ShouldBeLessThan(MemoryGrowth);
    }

    private static IEnumerable<byte[]> Files()
    {
        byte[] gray = new byte[60 * 50];
        for (int i = 0; i < gray.Length; i++)
        {
            gray[i] = (byte)(i % 60 is > 25 and < 33 && i / 60 is > 8 and < 42 ? 20 : 235);
        }

        foreach (SKEncodedImageFormat format in Formats)
        {
            yield return Pictures.Encode(gray, 60, 50, format, quality: 80);
        }

        yield return PictureFiles.RgbaPng(40, 40, (x, y) => ((byte)x, (byte)y, 9, (byte)(x * 6)));
        yield return PictureFiles.Bmp(40, 30, (x, y) => (255, (byte)(x * 6), (byte)(y * 8)));
        yield return PictureFiles.Gif(32, 32, [.. Enumerable.Range(0, 32 * 32).Select(i => (byte)(i % 128))]);
        yield return PictureFiles.CmykJpeg(5, 5, (x, y) => (0, 0, 0, (byte)(x == 2 ? 255 : 0)));
        byte[] digit = gray.AsSpan(0, RowSequence.Length).ToArray();
        yield return PictureFiles.WithOrientation(
            HardPicture.Make(digit, PictureStyle.Shadow, seed: 1), orientation: 6);
    }

    /// <summary>
    /// Bits flipped, bytes set, cut off, repeated or moved; more often near the header, where sizes stand.
    /// </summary>
    private static byte[] Mutate(byte[] source, Random random)
    {
        byte[] file = [.. source];
        int changes = 1 + random.Next(8);
        for (int i = 0; i < changes; i++)
        {
            int at = random.Next(2) == 0 ? random.Next(Math.Min(64, file.Length)) : random.Next(file.Length);
            switch (random.Next(6))
            {
                case 0:
                    file[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    file[at] = (byte)random.Next(256);
                    break;
                case 2:
                    file[at] = random.Next(2) == 0 ? (byte)0 : (byte)255;
                    break;
                case 3:
                    file = file[..Math.Max(1, at)];
                    break;
                case 4:
                    int length = random.Next(1, Math.Min(32, file.Length - at) + 1);
                    file = [.. file[..at], .. file[at..(at + length)], .. file[at..]];
                    break;
                default:
                    file.AsSpan(at, random.Next(1, Math.Min(16, file.Length - at) + 1)).Reverse();
                    break;
            }
        }

        return file;
    }
}
