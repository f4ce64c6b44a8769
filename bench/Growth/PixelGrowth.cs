using MnistLstm.Load;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Growth;

/// <summary>Steps 2 to 4 of the path by the pixels of the upload.</summary>
internal static class PixelGrowth
{
    /// <summary>Up to 12 megapixels.</summary>
    private static readonly int[] Sides = [28, 56, 112, 224, 448, 896, 1792, 3464];

    /// <summary>In pixels: below, what a file costs whatever its size is most of it.</summary>
    private const double FitFrom = 112 * 112;

    public static Section Measure()
    {
        byte[] digit = Uploads.Pixels(0);
        byte[][] pngs = [.. Sides.Select(side => DigitPicture.Canvas(digit, side))];
        byte[][] jpegs = [.. Sides.Select(side => DigitPicture.Photo(digit, side, side))];
        double[] milliseconds = CpuTime.Measure([.. pngs.Concat(jpegs).Select(file => (Action)(() => Read(file)))]);
        double[] png = milliseconds[..Sides.Length];
        double[] jpeg = milliseconds[Sides.Length..];
        Curve[] curves = [Curve("RGBA PNG, drawn", png), Curve("JPEG, photographed", jpeg)];
        var chart = new LogLogChart(
            "Time to read a picture by its pixels", "pixels",
            "ms of processor time to decode and normalize one picture",
            [.. Sides.Select(side => ((double)side * side, side == Sides[^1] ? "12 MP" : $"{side}²"))], curves);
        return new Section(
            "Pixels of the upload",
            "Decode, normalize and rows (steps 2 to 4), in process, one thread. The same digit drawn large: an RGBA "
            + "PNG as a canvas is saved, and a "
            + "JPEG (quality 90, noise, uneven light) as a camera takes it. Receiving the file is not in it, nor is "
            + "the network, which reads 28x28 "
            + $"pixels of all. No side is worked on with more than {ImageDecoder.MaxDecodedSide} pixels, and large "
            + $"JPEG files are decoded at a half to an eighth of their size.",
            [("pixels", chart)],
            [
                ["picture", "PNG, kB", "ms", "JPEG, kB", "ms"],
                .. Sides.Select((side, i) =>
                    (string[])[$"{side}x{side}", $"{pngs[i].Length / 1000.0:F1}", $"{png[i]:F3}",
                        $"{jpegs[i].Length / 1000.0:F1}", $"{jpeg[i]:F3}"]),
                ["slope from 112x112 on", "", curves[0].SlopeText, "", curves[1].SlopeText],
            ]);
    }

    private static Curve Curve(string name, double[] milliseconds) =>
        new(name, [.. Sides.Select((side, i) => ((double)side * side, milliseconds[i]))], FitFrom);

    private static void Read(byte[] file)
    {
        ImageDecoder.Decode(file, ImageLimits.Default, out GrayImage? image);
        Span<float> rows = stackalloc float[RowSequence.Length];
        using (image)
        {
            DigitCandidate candidate = DigitNormalizer.Propose(image!).FirstOrDefault()
                ?? throw new InvalidOperationException("The drawn digit is not found.");
            RowSequence.FromPixels(candidate.Pixels, rows);
        }
    }
}
