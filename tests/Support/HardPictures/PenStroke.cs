using SkiaSharp;

namespace MnistLstm.Support.HardPictures;

/// <summary>
/// The line that a pen would have followed to write an MNIST digit: its skeleton, found by Zhang and Suen, "A fast
/// parallel algorithm for thinning digital patterns" (1984), to be drawn with any pen. Where the digit is thicker than
/// usual, as in a filled loop, the drawn line is thicker by as much.
/// </summary>
public sealed class PenStroke
{
    private const int Enlargement = 6;
    private const int Side = 28 * Enlargement;

    // Levels that may be the edge of the ink.
    private const int LowestInk = 110;
    private const int HighestInk = 230;
    private const int LevelStep = 20;

    private readonly List<Segment> _segments = [];

    /// <param name="digit">[28, 28], 0 = paper, 255 = ink.</param>
    public PenStroke(ReadOnlySpan<byte> digit)
    {
        byte[] large = Pictures.Canvas(digit, Side, Side, SKRect.Create(Side, Side), paper: 0, ink: 255);
        bool[] ink = FindInk(large);
        bool[] line = [.. ink];
        Thin(line);
        Connect(line, FindBulges(ink, line));
    }

    private PenStroke(IEnumerable<Segment> segments) => _segments = [.. segments];

    /// <summary>A line of one or more strokes.</summary>
    /// <param name="strokes">Points that the pen passes, in the 28x28 pixels, at most half a pixel apart.</param>
    public static PenStroke Through(IEnumerable<IReadOnlyList<SKPoint>> strokes) =>
        new(strokes.SelectMany(points => points.Zip(points.Skip(1), (from, to) => new Segment(from, to, Bulge: 0))));

    /// <summary>The same line, rotated about the middle of the 28x28 pixels.</summary>
    /// <param name="degrees">Clockwise.</param>
    public PenStroke Rotate(float degrees)
    {
        var rotation = SKMatrix.CreateRotationDegrees(degrees, 14, 14);
        return new PenStroke(
            _segments.Select(s => s with { From = rotation.MapPoint(s.From), To = rotation.MapPoint(s.To) }));
    }

    /// <summary>Share of ink at every pixel after the pen went along the line, 0 to 255.</summary>
    /// <param name="place">Target of the digit's 28x28 pixels, in pixels of the picture.</param>
    /// <param name="penWidth">In pixels of the picture.</param>
    /// <param name="gap">A disc in which the pen was lifted: its middle, in the 28x28 pixels, and its radius; null for
    /// none.</param>
    /// <returns>[height, width]</returns>
    public byte[] Draw(int width, int height, SKRect place, float penWidth, (SKPoint Middle, float Radius)? gap = null)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Gray8, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(bitmap);
        using var pen = new SKPaint
        {
            Color = SKColors.White,
            IsAntialias = true,
            Style = SKPaintStyle.Stroke,
            StrokeWidth = penWidth,
            StrokeCap = SKStrokeCap.Round,
        };
        canvas.Clear(SKColors.Black);
        using var path = new SKPathBuilder();
        Segment[] segments =
            [.. _segments.Where(s => gap is not { } lifted || SKPoint.Distance(s.From, lifted.Middle) > lifted.Radius)];
        foreach (Segment segment in segments)
        {
            path.MoveTo(OnPicture(segment.From, place));
            path.LineTo(OnPicture(segment.To, place));
        }

        using SKPath line = path.Detach();
        canvas.DrawPath(line, pen);
        foreach (Segment segment in segments.Where(s => s.Bulge > 0))
        {
            pen.StrokeWidth = penWidth + (segment.Bulge / 28 * place.Width);
            canvas.DrawLine(OnPicture(segment.From, place), OnPicture(segment.To, place), pen);
        }

        return bitmap.GetPixelSpan().ToArray();
    }

    /// <summary>The same with a pen that leaves more ink here than there.</summary>
    /// <param name="strength">Share of ink at a point of the 28x28 pixels, 0 to 1; 0 where the pen skips.</param>
    /// <returns>[height, width]</returns>
    public byte[] Draw(int width, int height, SKRect place, float penWidth, Func<SKPoint, float> strength)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Gray8, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(bitmap);
        using var pen = new SKPaint
        {
            IsAntialias = true,
            Style = SKPaintStyle.Stroke,
            StrokeCap = SKStrokeCap.Round,
            BlendMode = SKBlendMode.Lighten,
        };
        canvas.Clear(SKColors.Black);
        foreach (Segment segment in _segments)
        {
            byte level = (byte)(255 * strength(segment.From));
            pen.Color = new SKColor(level, level, level);
            pen.StrokeWidth = penWidth + (segment.Bulge / 28 * place.Width);
            canvas.DrawLine(OnPicture(segment.From, place), OnPicture(segment.To, place), pen);
        }

        return bitmap.GetPixelSpan().ToArray();
    }

    /// <summary>All points of the line, in the 28x28 pixels.</summary>
    public IEnumerable<SKPoint> Points => _segments.Select(segment => segment.From);

    /// <summary>The squares around all points that a pen inks, in the 28x28 pixels.</summary>
    /// <param name="penWidth">In the 28x28 pixels.</param>
    public IEnumerable<SKRect> Inked(float penWidth) => _segments.Select(segment => SKRect.Inflate(
        SKRect.Create(segment.From, SKSize.Empty), (penWidth + segment.Bulge) / 2, (penWidth + segment.Bulge) / 2));

    /// <summary>A point of the line, in the 28x28 pixels.</summary>
    public SKPoint PointAt(float share) =>
        _segments.Count == 0 ? new SKPoint(14, 14) : _segments[(int)(share * (_segments.Count - 1))].From;

    private static SKPoint OnPicture(SKPoint point, SKRect place) =>
        new(place.Left + (point.X / 28 * place.Width), place.Top + (point.Y / 28 * place.Height));

    /// <summary>
    /// The ink at the level that shows the most holes: in a narrow loop, MNIST's gray is paler than the stroke around
    /// it, and the middle of a filled loop would be a single line.
    /// </summary>
    private static bool[] FindInk(byte[] large)
    {
        bool[] best = [];
        int most = -1;
        int parts = 0;
        for (int level = LowestInk; level <= HighestInk; level += LevelStep)
        {
            bool[] ink = [.. large.Select(pixel => pixel >= level)];
            int inked = CountRegions(ink, of: true);
            parts = level == LowestInk ? inked : parts;
            int holes = CountRegions(ink, of: false);
            if (inked <= parts && holes > most)
            {
                (best, most) = (ink, holes);
            }
        }

        return best;
    }

    /// <summary>Regions of ink, connected also by corners, or of paper, connected by sides.</summary>
    private static int CountRegions(bool[] ink, bool of)
    {
        ReadOnlySpan<int> offsets = [-1, 1, -Side, Side, -Side - 1, -Side + 1, Side - 1, Side + 1];
        offsets = of ? offsets : offsets[..4];
        bool[] seen = new bool[ink.Length];
        var next = new Stack<int>();
        int regions = 0;
        for (int start = 0; start < ink.Length; start++)
        {
            if (ink[start] != of || seen[start])
            {
                continue;
            }

            regions++;
            seen[start] = true;
            next.Push(start);
            while (next.TryPop(out int p))
            {
                foreach (int offset in offsets)
                {
                    int q = p + offset;
                    if (q >= 0 && q < ink.Length && ink[q] == of && !seen[q])
                    {
                        seen[q] = true;
                        next.Push(q);
                    }
                }
            }
        }

        return regions;
    }

    private static void Thin(bool[] ink)
    {
        List<int> removed = [];
        bool changes = true;
        Span<bool> around = stackalloc bool[8];
        while (changes)
        {
            changes = false;
            for (int pass = 0; pass < 2; pass++)
            {
                removed.Clear();
                for (int y = 1; y < Side - 1; y++)
                {
                    for (int x = 1; x < Side - 1; x++)
                    {
                        int p = (y * Side) + x;
                        if (ink[p] && IsRemovable(ink, p, pass, around))
                        {
                            removed.Add(p);
                        }
                    }
                }

                foreach (int p in removed)
                {
                    ink[p] = false;
                }

                changes |= removed.Count > 0;
            }
        }
    }

    private static bool IsRemovable(bool[] ink, int p, int pass, Span<bool> around)
    {
        // From above, clockwise: P2 to P9 of the paper.
        ReadOnlySpan<int> offsets = [-Side, -Side + 1, 1, Side + 1, Side, Side - 1, -1, -Side - 1];
        int count = 0;
        for (int i = 0; i < 8; i++)
        {
            around[i] = ink[p + offsets[i]];
            count += around[i] ? 1 : 0;
        }

        int beginnings = 0;
        for (int i = 0; i < 8; i++)
        {
            beginnings += !around[i] && around[(i + 1) % 8] ? 1 : 0;
        }

        return count is >= 2 and <= 6
            && beginnings == 1
            && (pass == 0
                ? !(around[0] && around[2] && around[4]) && !(around[2] && around[4] && around[6])
                : !(around[0] && around[2] && around[6]) && !(around[0] && around[4] && around[6]));
    }

    /// <summary>Extra width of the ink at every pixel of its line, in the 28x28 pixels.</summary>
    private static float[] FindBulges(bool[] ink, bool[] line)
    {
        float[] bulges = new float[line.Length];
        int[] points = [.. Enumerable.Range(0, line.Length).Where(p => line[p])];
        if (points.Length == 0)
        {
            return bulges;
        }

        float[] widths = [.. points.Select(p => 2 * DistanceToPaper(ink, p) / Enlargement)];
        float usual = widths.Order().ElementAt(widths.Length / 2);
        for (int n = 0; n < points.Length; n++)
        {
            bulges[points[n]] = Math.Max(0, widths[n] - usual);
        }

        return bulges;
    }

    private static float DistanceToPaper(bool[] ink, int p)
    {
        (int x, int y) = (p % Side, p / Side);
        int nearest = Side * Side;
        for (int dy = -Side / 4; dy <= Side / 4; dy++)
        {
            for (int dx = -Side / 4; dx <= Side / 4; dx++)
            {
                bool isInside = x + dx is >= 0 and < Side && y + dy is >= 0 and < Side;
                if (!isInside || !ink[p + (dy * Side) + dx])
                {
                    nearest = Math.Min(nearest, (dx * dx) + (dy * dy));
                }
            }
        }

        return MathF.Sqrt(nearest);
    }

    private void Connect(bool[] ink, float[] bulges)
    {
        ReadOnlySpan<(int X, int Y)> neighbors = [(0, 0), (1, 0), (-1, 1), (0, 1), (1, 1)];
        for (int y = 0; y < Side - 1; y++)
        {
            for (int x = 1; x < Side - 1; x++)
            {
                foreach ((int dx, int dy) in neighbors)
                {
                    if (ink[(y * Side) + x] && ink[((y + dy) * Side) + x + dx])
                    {
                        _segments.Add(new Segment(Point(x, y), Point(x + dx, y + dy), bulges[(y * Side) + x]));
                    }
                }
            }
        }
    }

    private static SKPoint Point(int x, int y) => new((x + 0.5f) / Enlargement, (y + 0.5f) / Enlargement);

    /// <param name="From">In the 28x28 pixels.</param>
    /// <param name="To">In the 28x28 pixels.</param>
    /// <param name="Bulge">Extra width of the ink here, in the 28x28 pixels.</param>
    private readonly record struct Segment(SKPoint From, SKPoint To, float Bulge);
}
