using System.Runtime.CompilerServices;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>Tells a digit that was cut out closely, whose strokes reach the picture's sides, from lines that run through it.</summary>
internal static class CloseCut
{
    private const int MostPlaces = 3;

    // Lines of squared paper end opposite each other, up to a slant, and are thin: shares of a side, and pixels of a small picture. There
    // are this many at least; a 4 has two such strokes.
    private const int FewestLines = 3;
    private const int SmallestSquared = 40;
    private const double MostSlant = 0.1;
    private const double ThickestEnd = 0.025;
    private const int ThickestEndOfSmall = 2;

    /// <summary>
    /// Whether ink reaches each side, as that of a digit cut out closely does, in few places: squared paper has many, or thin ones
    /// opposite each other. Ruled paper reaches two.
    /// </summary>
    /// <param name="image">Paper at one level.</param>
    /// <param name="paper">Its level.</param>
    /// <param name="tolerance">What differs from it by more is ink.</param>
    public static bool TouchesAllSides(GrayImage image, int paper, int tolerance)
    {
        Span<bool> top = stackalloc bool[image.Width];
        Span<bool> bottom = stackalloc bool[image.Width];
        Span<bool> left = stackalloc bool[image.Height];
        Span<bool> right = stackalloc bool[image.Height];
        for (int x = 0; x < image.Width; x++)
        {
            (top[x], bottom[x]) = (IsInk(image.Row(0)[x]), IsInk(image.Row(image.Height - 1)[x]));
        }

        for (int y = 0; y < image.Height; y++)
        {
            (left[y], right[y]) = (IsInk(image.Row(y)[0]), IsInk(image.Row(y)[^1]));
        }

        return Touches(top) && Touches(bottom) && Touches(left) && Touches(right)
            && !(Math.Min(image.Width, image.Height) >= SmallestSquared && AreSquares(CountLines(top, bottom), CountLines(left, right)));

        bool IsInk(byte level) => Math.Abs(level - paper) > tolerance;
        static bool AreSquares(int down, int across) => down > 0 && across > 0 && down + across >= FewestLines;
    }

    private static bool Touches(ReadOnlySpan<bool> side) => FindPlaces(side, places: []) is > 0 and <= MostPlaces;

    /// <summary>Counts thin places of a side that have one opposite, as lines have. Neither has too many.</summary>
    private static int CountLines(ReadOnlySpan<bool> side, ReadOnlySpan<bool> opposite)
    {
        Span<(int From, int To)> places = stackalloc (int, int)[MostPlaces];
        Span<(int From, int To)> others = stackalloc (int, int)[MostPlaces];
        int count = FindPlaces(side, places);
        int countOfOthers = FindPlaces(opposite, others);
        double thickest = Math.Max(ThickestEnd * side.Length, ThickestEndOfSmall);
        double slant = MostSlant * side.Length;
        int lines = 0;
        int o = 0;
        foreach ((int From, int To) place in places[..count])
        {
            while (o < countOfOthers && others[o].From < place.From - slant)
            {
                o++;
            }

            if (o < countOfOthers && others[o].From <= place.From + slant && IsThin(place) && IsThin(others[o]))
            {
                lines++;
                o++;
            }
        }

        return lines;

        bool IsThin((int From, int To) place) => place.To - place.From <= thickest;
    }

    /// <summary>Lists where ink reaches a side, as far as there is room.</summary>
    /// <returns>In how many places it does.</returns>
    [MethodImpl(PixelLoop.Compilation)]
    private static int FindPlaces(ReadOnlySpan<bool> side, Span<(int From, int To)> places)
    {
        int count = 0;
        for (int i = 0; i < side.Length; i++)
        {
            if (!side[i])
            {
                continue;
            }

            int from = i;
            while (i + 1 < side.Length && side[i + 1])
            {
                i++;
            }

            if (count < places.Length)
            {
                places[count] = (from, i + 1);
            }

            count++;
        }

        return count;
    }
}
