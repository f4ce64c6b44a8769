using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;
using SkiaSharp;

namespace MnistLstm.Bench.Pictures;

/// <summary>
/// The cost of a phone's photo of 12 megapixels: time beside the codec's own decode at an eighth of the size,
/// interleaved, and the memory that it adds at most to a process that has read a small picture before.
/// </summary>
internal static class PhotoCost
{
    public const string MemorySwitch = "photo-memory";

    private const int Width = 4000;
    private const int Height = 3000;
    private const int Rounds = 25;

    public static void Run()
    {
        byte[] photo = Photo();
        byte[] digit = new byte[RowSequence.Length];
        double[] codec = new double[Rounds];
        double[] decode = new double[Rounds];
        double[] read = new double[Rounds];
        for (int i = -3; i < Rounds; i++)
        {
            double byCodec = Milliseconds(() => DecodeByCodec(photo));
            double byDecoder = Milliseconds(() => Decode(photo).Dispose());
            double byBoth = Milliseconds(() => Read(photo, digit));
            if (i >= 0)
            {
                (codec[i], decode[i], read[i]) = (byCodec, byDecoder, byBoth);
            }
        }

        Console.WriteLine(
            $"A JPEG of {Width}x{Height} pixels, {photo.Length / 1e6:F1} MB; medians of {Rounds}, interleaved:");
        Console.WriteLine($"the codec's own decode at 1/8 {Median(codec):F1} ms");
        Console.WriteLine(
            $"decoded {Median(decode):F1} ms, {Median([.. decode.Zip(codec, (a, b) => a / b)]):F2} times the codec's");
        Console.WriteLine(
            $"decoded and normalized {Median(read):F1} ms, {Median([.. read.Zip(codec, (a, b) => a / b)]):F2} times "
            + $"the codec's");

        string file = Path.GetTempFileName();
        File.WriteAllBytes(file, photo);
        try
        {
            using Process process = Process.Start(
                new ProcessStartInfo("dotnet", [Assembly.GetExecutingAssembly().Location, MemorySwitch, file]))!;
            process.WaitForExit();
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>In a process of its own.</summary>
    public static void MeasureMemory(string path)
    {
        byte[] digit = new byte[RowSequence.Length];
        byte[] photo = File.ReadAllBytes(path);

        // All code is loaded and compiled by then.
        byte[] small = Encode(320, 240);
        for (int i = 0; i < 50; i++)
        {
            Read(small, digit);
        }

        // Makes the kernel forget the highest mark (proc(5), clear_refs).
        File.WriteAllText("/proc/self/clear_refs", "5");
        long before = Status("VmRSS:");
        Read(photo, digit);
        Console.WriteLine(
            $"memory beside the file's bytes: {(Status("VmHWM:") - before) / 1e6:F1} MB at most, "
            + $"{(Status("VmRSS:") - before) / 1e6:F1} MB afterwards");
    }

    private static byte[] Photo() => Encode(Width, Height);

    /// <summary>Grainy paper, unevenly lit, and a thick stroke.</summary>
    private static byte[] Encode(int width, int height)
    {
        var random = new Random(12);
        byte[] pixels = new byte[width * height];
        for (int i = 0; i < pixels.Length; i++)
        {
            double x = (double)(i % width) / width;
            double y = (double)(i / width) / height;
            bool ink = Math.Abs(x - 0.5 - (0.1 * Math.Sin(6 * y))) < 0.02 && y is > 0.3 and < 0.7;
            pixels[i] = (byte)Math.Clamp((ink ? 60 : 200) - (50 * x) + random.Next(-9, 10), 0, 255);
        }

        using var gray = new SKBitmap(new SKImageInfo(width, height, SKColorType.Gray8, SKAlphaType.Opaque));
        System.Runtime.InteropServices.Marshal.Copy(pixels, 0, gray.GetPixels(), pixels.Length);
        using SKBitmap color = gray.Copy(SKColorType.Bgra8888);
        using SKData data = color.Encode(SKEncodedImageFormat.Jpeg, quality: 85);
        return data.ToArray();
    }

    private static void DecodeByCodec(byte[] photo)
    {
        using SKData data = SKData.CreateCopy(photo);
        using var codec = SKCodec.Create(data);
        SKSizeI size = codec.GetScaledDimensions(1f / 8);
        using var bitmap =
            new SKBitmap(new SKImageInfo(size.Width, size.Height, SKColorType.Bgra8888, SKAlphaType.Opaque));
        if (codec.GetPixels(bitmap.Info, bitmap.GetPixels()) != SKCodecResult.Success)
        {
            throw new InvalidOperationException("The codec does not decode the photo.");
        }
    }

    private static GrayImage Decode(byte[] photo) =>
        ImageDecoder.Decode(photo, ImageLimits.Default, out GrayImage? image) == ImageProblem.None
            ? image!
            : throw new InvalidOperationException("The photo is not decoded.");

    private static void Read(byte[] photo, byte[] digit)
    {
        using GrayImage image = Decode(photo);
        if (!DigitNormalizer.Propose(image).Any())
        {
            throw new InvalidOperationException("The stroke is not seen.");
        }
    }

    private static double Milliseconds(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    private static long Status(string key) => 1024 * long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith(key, StringComparison.Ordinal))[key.Length..]
        .Trim().Split(' ')[0],
        CultureInfo.InvariantCulture);
}
