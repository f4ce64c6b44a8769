using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>Sizes the digit as MNIST did, and brings thinner or thicker strokes to the width of MNIST's.</summary>
internal static class MnistLayout
{
    /// <summary>Strokes are worked on in a box of this side.</summary>
    private const int FineSide = 4 * MnistFormat.BoxSide;

    // As shares of the box, here in pixels of MNIST. Over its 70,000 images, StrokeWidth measures 1 % below 1.6, median
    // 2.5, 1 % above 4.5.
    private const double ThinnestStroke = 2.1 / MnistFormat.BoxSide;
    private const double ThickestStroke = 3.8 / MnistFormat.BoxSide;

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

        // A line that is less than a pixel wide once scaled would fade.
        double pixel = (double)Region.Of(digit).LongSide / FineSide;
        int growth = (int)Math.Ceiling(Math.Max(0, pixel - width) / 2);
        using GrayImage source = Padding.Center(digit, digit.Width + (2 * growth), digit.Height + (2 * growth));
        StrokeWidth.Change(source, growth);
        int longSide = Region.Of(source).LongSide;
        int change = Change((width + (2 * growth)) / longSide);
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

    /// <summary>
    /// Pixels by which strokes of width w, a share of the digit's side, are to grow on all sides, r, so that in a box
    /// of side b, of which the digit fills b − 2r before, they end at the share t: w (b − 2r) + 2r = t b.
    /// </summary>
    private static int Change(double width)
    {
        double target = Math.Clamp(width, ThinnestStroke, ThickestStroke);
        return width >= 0.5 ? 0 : (int)Math.Round(FineSide * (target - width) / (2 * (1 - width)));
    }

    /// <summary>int(15 − b) with b the center of mass, pixel centers at + 0.5, as for MNIST.</summary>
    private static int Offset(double center) =>
        Math.Clamp((int)Math.Floor(15 - center), 0, MnistFormat.Side - MnistFormat.BoxSide);
}
