using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>
/// Tells whether a picture already is in the form of MNIST (LeCun, Cortes, Burges, "The MNIST database"): 28x28, the ink in
/// a box of 20x20 that is placed, by whole pixels, so that its centre of mass falls into the middle pixel.
/// </summary>
/// <remarks>The ranges are those of all 70,000 images, widened where that costs nothing.</remarks>
internal static class MnistForm
{
    /// <summary>Side of the image, in pixels.</summary>
    public const int Side = 28;

    /// <summary>Longer side of the ink's bounding box, in pixels: 20 in 69,984 images, 19 in 16.</summary>
    public const int BoxSide = 20;

    private const int MinBoxSide = 19;

    // The darkest pixel is 254 or 255 in every image.
    private const int MinDarkest = 250;

    // The centre of mass, pixel centres at + 0.5, is from 13.98 to 15.00 in both directions.
    private const double MinCentre = 13.95;
    private const double MaxCentre = 15.05;

    public static bool Fits(GrayImage image)
    {
        if (image.Width != Side || image.Height != Side)
        {
            return false;
        }

        int left = Side;
        int right = -1;
        int top = Side;
        int bottom = -1;
        int darkest = 0;
        long mass = 0;
        long massX = 0;
        long massY = 0;
        for (int y = 0; y < Side; y++)
        {
            ReadOnlySpan<byte> row = image.Row(y);
            int first = row.IndexOfAnyExcept((byte)0);
            if (first < 0)
            {
                continue;
            }

            int last = row.LastIndexOfAnyExcept((byte)0);
            left = Math.Min(left, first);
            right = Math.Max(right, last);
            top = Math.Min(top, y);
            bottom = y;
            int rowMass = 0;
            for (int x = first; x <= last; x++)
            {
                darkest = Math.Max(darkest, row[x]);
                rowMass += row[x];
                massX += x * row[x];
            }

            mass += rowMass;
            massY += y * rowMass;
        }

        return darkest >= MinDarkest
            && Math.Max(right - left, bottom - top) + 1 is >= MinBoxSide and <= BoxSide
            && IsCentre(massX, mass)
            && IsCentre(massY, mass);
    }

    /// <summary>Places a digit in the box, by whole pixels, with its centre of mass in the middle pixel.</summary>
    /// <param name="box">[20, 20], 0 = paper, 255 = ink.</param>
    /// <param name="digit">[28, 28]; the darkest pixel becomes 255.</param>
    public static void Place(GrayImage box, Span<byte> digit)
    {
        long mass = 0;
        long massX = 0;
        long massY = 0;
        int darkest = 1;
        for (int y = 0; y < BoxSide; y++)
        {
            ReadOnlySpan<byte> row = box.Row(y);
            for (int x = 0; x < BoxSide; x++)
            {
                mass += row[x];
                massX += x * row[x];
                massY += y * row[x];
                darkest = Math.Max(darkest, row[x]);
            }
        }

        int left = Offset(massX, mass);
        int top = Offset(massY, mass);
        digit[..(Side * Side)].Clear();
        for (int y = 0; y < BoxSide; y++)
        {
            ReadOnlySpan<byte> row = box.Row(y);
            Span<byte> target = digit.Slice(((top + y) * Side) + left, BoxSide);
            for (int x = 0; x < BoxSide; x++)
            {
                target[x] = (byte)(((row[x] * byte.MaxValue) + (darkest / 2)) / darkest);
            }
        }
    }

    /// <summary>int(15 − b) with b the centre of mass, pixel centres at + 0.5, as NIST's digits were made MNIST's.</summary>
    private static int Offset(long moment, long mass) =>
        Math.Clamp((int)Math.Floor(15 - (((double)moment / Math.Max(mass, 1)) + 0.5)), 0, Side - BoxSide);

    private static bool IsCentre(long moment, long mass) =>
        ((double)moment / mass) + 0.5 is >= MinCentre and <= MaxCentre;
}
