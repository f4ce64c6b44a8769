using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>
/// A way through a picture from top to bottom that crosses little ink, in steps of at most one pixel sideways (the
/// seams of Avidan and Shamir, "Seam carving for content-aware image resizing", 2007): it follows the slanted gap
/// between two digits.
/// </summary>
internal sealed class InkSeam
{
    /// <summary>A step sideways costs as much as this share of a pixel of full ink.</summary>
    private const float Sideways = 0.5f;

    // As shares of the picture's height: seams are this far apart, and go through this much ink at most.
    private const double MinDistance = 0.08;
    private const double MaxInk = 0.4;

    /// <summary>At most, for each height of the width; the seams through the least ink stay.</summary>
    private const int MaxForHeight = 9;

    /// <summary>At most; eight digits that all touch have about 60.</summary>
    private const int Max = 64;

    private readonly int[] _columns;

    private InkSeam(int[] columns)
    {
        _columns = columns;
        Leftmost = columns.Min();
    }

    /// <summary>Its column at half the height.</summary>
    public int Middle => _columns[_columns.Length / 2];

    public int Leftmost { get; }

    /// <summary>A seam without a turn, such as the picture's edge.</summary>
    public static InkSeam Straight(int x, int height) => new([.. Enumerable.Repeat(x, height)]);

    /// <summary>Finds seams from left to right: the cheapest ones of their neighborhood.</summary>
    /// <param name="ink">0 = paper, 255 = ink.</param>
    public static IReadOnlyList<InkSeam> Find(GrayImage ink)
    {
        (int width, int height) = (ink.Width, ink.Height);
        int middle = height / 2;
        float[] above = Costs(ink, 0, middle);
        float[] below = Costs(ink, height - 1, middle);
        float[] cost = new float[width];
        for (int x = 0; x < width; x++)
        {
            // Both have the row in the middle.
            cost[x] = above[(middle * width) + x]
                + below[(middle * width) + x] - ((float)ink.Row(middle)[x] / byte.MaxValue);
        }

        int distance = Math.Max(1, (int)(MinDistance * height));
        int most = Math.Min(MaxForHeight * width / height, Max);
        List<int> found = [];
        foreach (int x in Enumerable.Range(0, width).OrderBy(x => cost[x]))
        {
            if (found.Count == most || cost[x] > MaxInk * height)
            {
                break;
            }

            bool isApart = x >= distance && x < width - distance
                && found.TrueForAll(other => Math.Abs(other - x) >= distance);
            if (isApart && cost[x] <= cost[x - 1] && cost[x] <= cost[x + 1])
            {
                found.Add(x);
            }
        }

        found.Sort();
        return [.. found.Select(x => new InkSeam(Follow(above, below, width, height, x)))];
    }

    /// <summary>The ink between two seams, from the leftmost column of the left one; paper elsewhere.</summary>
    public static GrayImage Between(GrayImage ink, InkSeam left, InkSeam right)
    {
        int width = Math.Max(right._columns.Max() - left.Leftmost, 1);
        var part = new GrayImage(width, ink.Height);
        part.Pixels.Clear();
        for (int y = 0; y < ink.Height; y++)
        {
            if (left._columns[y] < right._columns[y])
            {
                ink.Row(y)[left._columns[y]..right._columns[y]]
                    .CopyTo(part.Row(y)[(left._columns[y] - left.Leftmost)..]);
            }
        }

        return part;
    }

    /// <summary>The least cost of a way from a row to each pixel of the rows up to the last one.</summary>
    /// <returns>[height, width], in pixels of full ink.</returns>
    private static float[] Costs(GrayImage ink, int first, int last)
    {
        int width = ink.Width;
        float[] cost = new float[width * ink.Height];
        int step = Math.Sign(last - first);
        for (int y = first; y != last + step; y += step)
        {
            ReadOnlySpan<byte> row = ink.Row(y);
            Span<float> here = cost.AsSpan(y * width, width);
            if (y == first)
            {
                for (int x = 0; x < width; x++)
                {
                    here[x] = (float)row[x] / byte.MaxValue;
                }

                continue;
            }

            ReadOnlySpan<float> before = cost.AsSpan((y - step) * width, width);
            for (int x = 0; x < width; x++)
            {
                here[x] = before[Previous(before, x)] + (Previous(before, x) == x ? 0 : Sideways)
                    + ((float)row[x] / byte.MaxValue);
            }
        }

        return cost;
    }

    private static int Previous(ReadOnlySpan<float> before, int x)
    {
        int best = x;
        float least = before[x] - Sideways;
        if (x > 0 && before[x - 1] < least)
        {
            (best, least) = (x - 1, before[x - 1]);
        }

        return x + 1 < before.Length && before[x + 1] < least ? x + 1 : best;
    }

    private static int[] Follow(float[] above, float[] below, int width, int height, int x)
    {
        int[] columns = new int[height];
        int middle = height / 2;
        columns[middle] = x;
        for (int y = middle - 1; y >= 0; y--)
        {
            columns[y] = Previous(above.AsSpan(y * width, width), columns[y + 1]);
        }

        for (int y = middle + 1; y < height; y++)
        {
            columns[y] = Previous(below.AsSpan(y * width, width), columns[y - 1]);
        }

        return columns;
    }
}
