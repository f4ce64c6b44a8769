using System.Diagnostics;
using System.Globalization;
using MnistLstm.Api.Models;
using MnistLstm.Load;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Pixels;
using MnistLstm.Support;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;
using SkiaSharp;

namespace MnistLstm.Steps;

/// <summary>
/// Times the service's decoding (header, pixels, gray, reduction) beside ImageSharp's and Skia's own (pixels alone,
/// Skia at the fraction of a JPEG that the service reads), and states the memory that the service's takes.
/// </summary>
internal static class Decoders
{
    private const int MinJpegSide = 256;

    /// <summary>The runs of each decoder, interleaved; the median is stated.</summary>
    private const int Rounds = 9;

    /// <summary>The first files are small ones, of every format.</summary>
    private const int SmallFiles = 13;

    private static readonly TimeSpan LeastRound = TimeSpan.FromMilliseconds(20);

    private delegate void Decoder(byte[] file);

    public static void Run(TextWriter output)
    {
        output.WriteLine("| picture | file | ours | ImageSharp | Skia | ImageSharp / ours | peak memory of ours |");
        output.WriteLine("|---|---|---|---|---|---|---|");
        Decoder[] decoders = [ByService, ByImageSharp, BySkia];
        foreach ((string name, byte[] file) in Files())
        {
            double[][] times = [.. decoders.Select(_ => new double[Rounds])];
            for (int round = -1; round < Rounds; round++)
            {
                for (int i = 0; i < decoders.Length; i++)
                {
                    double time = Measure(decoders[i], file);
                    if (round >= 0)
                    {
                        times[i][round] = time;
                    }
                }
            }

            double[] medians = [.. times.Select(t => t.Median())];
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {file.Length / 1e3:F1} kB | {Format(medians[0])} | {Format(medians[1])} | "
                + $"{Format(medians[2])} "
                    + $"| {medians[1] / medians[0]:F1} | {PeakMemoryOfProcess(file) / 1e6:F1} MB |"));
        }
    }

    private static string Format(double microseconds) => microseconds < 10_000
        ? string.Create(CultureInfo.InvariantCulture, $"{microseconds:F0} µs")
        : string.Create(CultureInfo.InvariantCulture, $"{microseconds / 1000:F0} ms");

    /// <returns>Microseconds a file.</returns>
    private static double Measure(Decoder decoder, byte[] file)
    {
        int count = 0;
        long start = Stopwatch.GetTimestamp();
        do
        {
            decoder(file);
            count++;
        }
        while (Stopwatch.GetElapsedTime(start) < LeastRound);

        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / count;
    }

    /// <summary>Bytes beside the file's, in a process that has read small pictures before.</summary>
    public static long PeakMemory(byte[] file)
    {
        foreach ((_, byte[] small) in Files().Take(SmallFiles))
        {
            ByService(small);
        }

        return ProcessStatus.PeakOf(() => ByService(file));
    }

    /// <summary>In a process of its own, where no other decoder has left memory behind.</summary>
    private static long PeakMemoryOfProcess(byte[] file)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, file);
            using Process process = Process.Start(
                new ProcessStartInfo("dotnet", [typeof(Decoders).Assembly.Location, "decoders", path])
                {
                    RedirectStandardOutput = true,
                })!;
            return long.Parse(process.StandardOutput.ReadToEnd(), CultureInfo.InvariantCulture);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void ByService(byte[] file)
    {
        if (ImageDecoder.Decode(file, ImageLimits.Default, out GrayImage? image) != ImageProblem.None)
        {
            throw new InvalidOperationException("The service refuses the picture.");
        }

        image!.Dispose();
    }

    private static void ByImageSharp(byte[] file) => Image.Load<Rgba32>(file).Dispose();

    private static void BySkia(byte[] file)
    {
        using SKData data = SKData.CreateCopy(file);
        using var codec = SKCodec.Create(data);
        int longSide = Math.Max(codec.Info.Width, codec.Info.Height);
        int divisor = Math.Clamp((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(longSide / MinJpegSide)
            + 1) / 2, 1, 8);
        SKSizeI size = codec.EncodedFormat == SKEncodedImageFormat.Jpeg
            ? codec.GetScaledDimensions(1f / divisor)
            : codec.Info.Size;
        using var bitmap =
            new SKBitmap(new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        if (codec.GetPixels(bitmap.Info, bitmap.GetPixels()) != SKCodecResult.Success)
        {
            throw new InvalidOperationException("Skia refuses the picture.");
        }
    }

    private static IEnumerable<(string Name, byte[] File)> Files()
    {
        yield return ("28x28 gray PNG",
            GrayPng.Encode(GoldenSample.Pixels, RowSequence.Features, RowSequence.TimeSteps));
        yield return ("280x280 RGBA PNG, a drawing", DigitPicture.Canvas(GoldenSample.Pixels, side: 280));
        yield return ("280x280 RGBA PNG, a photo", Recode(280, 280, SKEncodedImageFormat.Png));
        yield return ("280x280 palette PNG, photo-like", Png(280, 280, bitDepth: 8, colorType: 3));
        yield return ("280x280 RGB PNG, interlaced", Png(280, 280, bitDepth: 8, colorType: 2, isInterlaced: true));
        yield return ("1240x1754 PNG of 1 bit, a scan", Png(1240, 1754, bitDepth: 1, colorType: 0));
        yield return ("280x280 gray PNG of 16 bits", Png(280, 280, bitDepth: 16, colorType: 0));
        yield return ("1080x800 RGBA PNG, a drawing", DigitPicture.Canvas(GoldenSample.Pixels, side: 930));
        yield return ("280x280 JPEG", DigitPicture.Photo(GoldenSample.Pixels, 280, 280));
        yield return ("1024x768 JPEG", DigitPicture.Photo(GoldenSample.Pixels, 1024, 768));
        yield return ("1024x768 WebP", Recode(1024, 768, SKEncodedImageFormat.Webp));
        yield return ("120x100 GIF",
            PictureFiles.Gif(120, 100, [.. Enumerable.Range(0, 12_000).Select(i => (byte)(i % 120))]));
        yield return ("280x280 BMP", PictureFiles.Bmp(280, 280, (x, y) => ((byte)x, (byte)y, 90)));
        yield return ("12-megapixel RGBA PNG, a photo", Recode(4000, 3000, SKEncodedImageFormat.Png));
        yield return ("24-megapixel RGBA PNG, a photo", Recode(6000, 4000, SKEncodedImageFormat.Png));
        byte[] photo = DigitPicture.Photo(GoldenSample.Pixels, 4000, 3000);
        yield return ("12-megapixel JPEG", photo);
        if (MakeProgressive(photo) is { } progressive)
        {
            yield return ("12-megapixel progressive JPEG", progressive);
        }

        yield return ("24-megapixel WebP", Recode(6000, 4000, SKEncodedImageFormat.Webp));
    }

    /// <summary>Smooth, with noise in its lowest bits as a photo has it; a scan has a line.</summary>
    private static byte[] Png(int width, int height, int bitDepth, int colorType, bool isInterlaced = false)
    {
        var random = new Random(1);
        int channels = colorType == 2 ? 3 : 1;
        int bits = bitDepth * channels;
        (int X, int Y, int StepX, int StepY)[] passes = isInterlaced
            ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
            : [(0, 0, 1, 1)];
        using var data = new MemoryStream();
        foreach ((int left, int top, int stepX, int stepY) in passes)
        {
            for (int y = top; y < height; y += stepY)
            {
                data.WriteByte(0);
                int bytes = ((((width - left + stepX - 1) / stepX) * bits) + 7) / 8;
                for (int i = 0; i < bytes; i++)
                {
                    int level = 130 + (60 * i / bytes) + (40 * y / height) + random.Next(-8, 9);
                    data.WriteByte(bitDepth == 1 ? (byte)(i % 40 == y % 40 ? 0 : 255) : (byte)level);
                }
            }
        }

        byte[] palette = [.. Enumerable.Range(0, 256).SelectMany(i => new[] { (byte)i, (byte)i, (byte)(i / 2) })];
        (string, byte[])[] extra = colorType == 3 ? [("PLTE", palette)] : [];
        return PictureFiles.Png(width, height, bitDepth, colorType, isInterlaced, data.ToArray(), extra, []);
    }

    private static byte[] Recode(int width, int height, SKEncodedImageFormat format)
    {
        using SKBitmap bitmap = SKBitmap.Decode(DigitPicture.Photo(GoldenSample.Pixels, width, height));
        using SKData data = bitmap.Encode(format, quality: 80);
        return data.ToArray();
    }

    /// <returns>Null without jpegtran (Debian's package libjpeg-turbo-progs).</returns>
    private static byte[]? MakeProgressive(byte[] jpeg)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, jpeg);
            using Process process = Process.Start(
                new ProcessStartInfo("jpegtran", ["-progressive", path]) { RedirectStandardOutput = true })!;
            using var output = new MemoryStream();
            process.StandardOutput.BaseStream.CopyTo(output);
            process.WaitForExit();
            return output.ToArray();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
        finally
        {
            File.Delete(path);
        }
    }
}
