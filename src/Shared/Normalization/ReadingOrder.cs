namespace MnistLstm.Shared.Normalization;

/// <summary>The lines of a page, and the order of the digits in them.</summary>
internal static class ReadingOrder
{
    /// <summary>Neighbors of one line share this much of the lower one's height.</summary>
    private const double MinOverlap = 0.4;

    // The lines' skew is measured between boxes at most this far apart, as multiples of their height. It takes a few.
    private const int FarthestInLine = 3;
    private const int MinSlopes = 3;

    /// <summary>Follows each line from neighbor to neighbor, along the skew of all lines.</summary>
    /// <param name="boxes">One of each figure.</param>
    /// <returns>The boxes' numbers in reading order, each with its line's number, from the top.</returns>
    public static IEnumerable<(int Number, int Line)> Sort(IReadOnlyList<Region> boxes)
    {
        double skew = MeasureSkew(boxes);
        Region[] level = [.. boxes.Select(box => box.Map(1, 0, -(int)Math.Round(skew * MiddleX(box))))];
        var lines = new List<List<int>>();
        foreach (int next in Enumerable.Range(0, level.Length).OrderBy(box => level[box].Left))
        {
            List<int>? line = lines.Where(line => AreInOneLine(level[line[^1]], level[next]))
                .MaxBy(line => level[line[^1]].Right);
            if (line is null)
            {
                lines.Add([next]);
            }
            else
            {
                line.Add(next);
            }
        }

        return lines.OrderBy(line => line.Average(box => level[box].Top + level[box].Bottom))
            .SelectMany((line, number) => line.Select(box => (box, number)));
    }

    /// <summary>Whether two boxes of about one size are in one level line.</summary>
    public static bool AreInOneLine(in Region left, in Region right) =>
        Math.Min(left.Bottom, right.Bottom) - Math.Max(left.Top, right.Top)
            >= MinOverlap * Math.Min(left.Height, right.Height);

    /// <summary>
    /// How far lines fall for each pixel to the right: the median between each box and its nearest neighbor to the
    /// right (O'Gorman, "The document spectrum for page layout analysis", 1993); 0 where there are few.
    /// </summary>
    private static double MeasureSkew(IReadOnlyList<Region> boxes)
    {
        List<double> slopes = [];
        foreach (Region box in boxes)
        {
            int farthest = FarthestInLine * box.Height;
            (double Right, double Down) nearest = (farthest, 0);
            foreach (Region next in boxes)
            {
                double right = MiddleX(next) - MiddleX(box);
                double down = (next.Top + next.Bottom - box.Top - box.Bottom) / 2.0;
                if (right > box.Width / 2.0 && right < nearest.Right && Math.Abs(down) < box.Height / 2.0)
                {
                    nearest = (right, down);
                }
            }

            if (nearest.Right < farthest)
            {
                slopes.Add(nearest.Down / nearest.Right);
            }
        }

        slopes.Sort();
        return slopes.Count < MinSlopes ? 0 : slopes[slopes.Count / 2];
    }

    private static double MiddleX(in Region box) => (box.Left + box.Right) / 2.0;
}
