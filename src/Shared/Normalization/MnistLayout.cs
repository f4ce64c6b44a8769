using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>
/// Sizes the digit as MNIST did: longer side 20 pixels, aspect kept, by area average. On the way, strokes that are
/// thinner or thicker than those of MNIST are brought to its width.
/// </summary>
internal static class MnistLayout
{
    // Strokes are worked on at this many pixels for each of MNIST's.
    private const int Oversampling = 4;
    private const int FineSide = MnistFormat.BoxSide * Oversampling;

    // In pixels of MNIST. Measured by StrokeWidth over its 70,000 images: 1 % below 1.6, median 2.5, 1 % above 4.5.
    private const double ThinnestStroke = 2.1;
    private const double ThickestStroke = 3.8;

    /// <summary>Around a digit, the soft edge of its ink stays, in pixels.</summary>
    public const int SoftEdge = 1;

    /// <summary>Places a digit, by whole pixels, with its center of mass in the middle pixel.</summary>
    /// <param name="digit">The digit alone up to its bounding box, 0 = paper, 255 = ink.</param>
    /// <returns>[28, 28], 0 = paper, 255 = ink; the darkest pixel is 255.</returns>
    public static byte[] Make(GrayImage digit)
    {
        using GrayImage box = Fit(digit);
        Moments ink = Moments.Of(box);
        int left = Offset(ink.CenterX);
        int top = Offset(ink.CenterY);
        byte[] pixels = new byte[RowSequence.Length];
        for (int y = 0; y < MnistFormat.BoxSide; y++)
        {
            ReadOnlySpan<byte> row = box.Row(y);
            Span<byte> target = pixels.AsSpan(((top + y) * MnistFormat.Side) + left, MnistFormat.BoxSide);
            for (int x = 0; x < MnistFormat.BoxSide; x++)
            {
                target[x] = (byte)(((row[x] * byte.MaxValue) + (ink.Darkest / 2)) / Math.Max((int)ink.Darkest, 1));
            }
        }

        return pixels;
    }

    /// <returns>[20, 20].</returns>
    private static GrayImage Fit(GrayImage digit)
    {
        double width = StrokeWidth.Measure(digit);
        int growth = GrowthToKeepThinStrokes(digit, width);
        using GrayImage source = Padding.Center(digit, digit.Width + (2 * growth), digit.Height + (2 * growth));
        StrokeWidth.Change(source, growth);
        int longSide = Math.Max(source.Width, source.Height);
        int change = Change(width + (2 * growth), longSide);
        int inner = FineSide - (2 * change);
        int outer = Math.Max(inner, FineSide);
        using GrayImage scaled = Scaling.To(
            source, ScaledSide(source.Width, longSide, inner), ScaledSide(source.Height, longSide, inner));
        using GrayImage fine = Padding.Center(scaled, outer, outer);
        StrokeWidth.Change(fine, change);
        using GrayImage cut = Padding.Center(fine, FineSide, FineSide);
        return Downscale.ToSide(cut, MnistFormat.BoxSide);
    }

    private static int ScaledSide(int side, int longSide, int scaledLongSide) =>
        Math.Max(1, ((side * scaledLongSide) + (longSide / 2)) / longSide);

    /// <summary>A line that is less than a pixel wide once scaled would fade: pixels to widen it by before.</summary>
    private static int GrowthToKeepThinStrokes(GrayImage source, double width)
    {
        double scale = (double)FineSide / Math.Max(source.Width, source.Height);
        return (int)Math.Ceiling(Math.Max(0, ((1 / scale) - width) / 2));
    }

    /// <summary>
    /// Pixels by which strokes of width w are to grow on all sides, r, so that in a box of side b, of which the digit
    /// of side l fills b − 2r before, they end at width t: w (b − 2r) / l + 2r = t.
    /// </summary>
    private static int Change(double width, int longSide)
    {
        double share = width / longSide;
        double target = Math.Clamp(share * MnistFormat.BoxSide, ThinnestStroke, ThickestStroke);
        return share >= 0.5 ? 0 : (int)Math.Round(((target * Oversampling) - (FineSide * share)) / (2 * (1 - share)));
    }

    /// <summary>
    /// int(15 − b) with b the center of mass, pixel centers at + 0.5, as NIST's digits were made MNIST's.
    /// </summary>
    private static int Offset(double center) =>
        Math.Clamp((int)Math.Floor(15 - center), 0, MnistFormat.Side - MnistFormat.BoxSide);
}
