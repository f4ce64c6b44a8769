using SkiaSharp;

namespace MnistLstm.Support.HardPictures;

/// <summary>Places digits in lines, with a given distance of their ink.</summary>
/// <param name="height">Height of a digit, in pixels.</param>
/// <param name="pen">Its width in pixels.</param>
/// <param name="random">Decides what the caller does not.</param>
internal sealed class SheetLayout(float height, float pen, Random random)
{
    /// <summary>Pixels of a profile for a digit's height.</summary>
    private const int Rows = 40;

    private readonly List<Written> _written = [];
    private int _line;
    private float _x;
    private float _y;
    private float[]? _rightmost; // of the digit before, by the row of the line

    public float LetterHeight { get; } = height;

    public int Width { get; private set; }

    public int Height { get; private set; }

    public List<SheetDigit> Digits { get; } = [];

    public List<SKRect> Cells { get; } = [];

    public void BeginLine(int line)
    {
        (_line, _x, _rightmost) = (line, random.Between(0, LetterHeight), null);
        _y = line == 0 ? 0 : _y + (LetterHeight * random.Between(1.35f, 1.8f));
    }

    /// <summary>Adds a digit to the line.</summary>
    /// <param name="size">Its height, as a share of the usual one.</param>
    /// <param name="penShare">Width of the pen, as a share of the usual one.</param>
    /// <param name="gap">Least horizontal distance of its ink from the digit before, as a share of the height.</param>
    public void Add(PenStroke stroke, int label, float size, float penShare, float strength, float gap)
    {
        // MNIST's digits are 20 of 28 pixels high. The foot is near the line's.
        float box = LetterHeight * size * 28 / 20;
        float top = _y + LetterHeight - (box * 24 / 28) + (LetterHeight * random.Between(-0.06f, 0.06f));
        float width = pen * penShare;
        (float[] leftmost, float[] rightmost) = Profiles(stroke, box, top, width);
        float distance = _rightmost is null ? float.MaxValue : Distance(_rightmost, leftmost);
        float left = distance == float.MaxValue ? _x - leftmost.Min() : (gap * LetterHeight) - distance;
        _written.Add(new Written(stroke, label, _line, SKRect.Create(left, top, box, box), width, strength));
        _rightmost = [.. rightmost.Select(right => right == float.MinValue ? right : right + left)];
        _x = _rightmost.Max() + (gap * LetterHeight);
    }

    /// <summary>Adds a digit in a box of a form.</summary>
    public void AddInCell(PenStroke stroke, int label)
    {
        float side = LetterHeight * 1.5f;
        SKRect cell = SKRect.Create(_x, _y, side * 0.85f, side);
        Cells.Add(cell);
        float box = LetterHeight * random.Between(0.85f, 1) * 28 / 20;
        float left = cell.MidX - (box / 2) + (side * random.Between(-0.04f, 0.04f));
        float top = cell.MidY - (box / 2) + (side * random.Between(-0.05f, 0.05f));
        _written.Add(new Written(stroke, label, _line, SKRect.Create(left, top, box, box), pen, 1));
        _x = cell.Right + (Cells.Count % 2 == 0 ? 0 : LetterHeight * 0.1f);
    }

    public void AddMinus() => AddSign([new SKPoint(4, 14), new SKPoint(14, 14)], width: 0.6f);

    public void AddPoint() => AddSign([new SKPoint(5, 23.5f), new SKPoint(5.2f, 23.7f)], width: 0.3f);

    /// <summary>Tilts all, and decides the picture's size.</summary>
    /// <param name="degrees">Clockwise.</param>
    public void Finish(float degrees)
    {
        var rotation = SKMatrix.CreateRotationDegrees(degrees);
        for (int i = 0; i < _written.Count; i++)
        {
            Written old = _written[i];
            var middle = new SKPoint(old.Place.MidX, old.Place.MidY);
            SKPoint moved = rotation.MapPoint(middle) - middle;
            _written[i] = old with { Stroke = old.Stroke.Rotate(degrees), Place = Move(old.Place, moved.X, moved.Y) };
        }

        SKRect[] boxes = [.. _written.Select(written => written.Box()), .. Cells];
        float left = boxes.Min(box => box.Left) - (LetterHeight * random.Between(0.2f, 1));
        float top = boxes.Min(box => box.Top) - (LetterHeight * random.Between(0.2f, 1));
        Width = (int)(boxes.Max(box => box.Right) - left + (LetterHeight * random.Between(0.2f, 1)));
        Height = (int)(boxes.Max(box => box.Bottom) - top + (LetterHeight * random.Between(0.2f, 1)));
        for (int i = 0; i < _written.Count; i++)
        {
            _written[i] = _written[i] with { Place = Move(_written[i].Place, -left, -top) };
        }

        for (int i = 0; i < Cells.Count; i++)
        {
            Cells[i] = Move(Cells[i], -left, -top);
        }

        Digits.AddRange(_written
            .Where(written => written.Label >= 0)
            .Select(written => new SheetDigit(written.Label, written.Line, written.Box())));
    }

    /// <summary>Share of ink at every pixel, 0 to 255.</summary>
    public byte[] Draw()
    {
        byte[] ink = new byte[Width * Height];
        foreach (Written written in _written)
        {
            float width = Math.Max(written.Pen, 1.2f);
            byte[] one = written.Stroke.Draw(Width, Height, written.Place, width, _ => written.Strength);
            for (int i = 0; i < ink.Length; i++)
            {
                ink[i] = Math.Max(ink[i], one[i]);
            }
        }

        return ink;
    }

    private static SKRect Move(SKRect rect, float x, float y) =>
        SKRect.Create(rect.Left + x, rect.Top + y, rect.Width, rect.Height);

    private void AddSign(SKPoint[] points, float width)
    {
        float box = LetterHeight * 28 / 20;
        float gap = LetterHeight * random.Between(0.15f, 0.3f);
        SKRect place = SKRect.Create(_x - (4 / 28f * box), _y + LetterHeight - (box * 24 / 28), box, box);
        _written.Add(new Written(PenStroke.Through([points]), Label: -1, _line, place, pen, 1));
        (_x, _rightmost) = (_x + (width * LetterHeight) + gap, null);
    }

    /// <summary>Ends of the ink in each row of the line, from the left of the digit's 28x28 pixels.</summary>
    /// <returns>The largest and the least number where there is no ink.</returns>
    private (float[] Leftmost, float[] Rightmost) Profiles(PenStroke stroke, float box, float top, float width)
    {
        float[] leftmost = [.. Enumerable.Repeat(float.MaxValue, 2 * Rows)];
        float[] rightmost = [.. Enumerable.Repeat(float.MinValue, 2 * Rows)];
        float scale = box / 28;
        foreach (SKRect ink in stroke.Inked(width / scale))
        {
            int last = Row(top - _y + (ink.Bottom * scale));
            for (int row = Row(top - _y + (ink.Top * scale)); row <= last; row++)
            {
                leftmost[row] = Math.Min(leftmost[row], ink.Left * scale);
                rightmost[row] = Math.Max(rightmost[row], ink.Right * scale);
            }
        }

        return (leftmost, rightmost);

        int Row(float y) => Math.Clamp((int)((y / LetterHeight * Rows) + (Rows / 2)), 0, (2 * Rows) - 1);
    }

    private static float Distance(float[] rightmost, float[] leftmost)
    {
        float distance = float.MaxValue;
        for (int row = 0; row < rightmost.Length; row++)
        {
            if (rightmost[row] != float.MinValue && leftmost[row] != float.MaxValue)
            {
                distance = Math.Min(distance, leftmost[row] - rightmost[row]);
            }
        }

        return distance;
    }

    private sealed record Written(PenStroke Stroke, int Label, int Line, SKRect Place, float Pen, float Strength)
    {
        public SKRect Box()
        {
            float scale = Place.Width / 28;
            SKRect ink = Stroke.Inked(Pen / scale).DefaultIfEmpty(SKRect.Create(14, 14, 0, 0)).Aggregate(SKRect.Union);
            return new SKRect(
                Place.Left + (ink.Left * scale),
                Place.Top + (ink.Top * scale),
                Place.Left + (ink.Right * scale),
                Place.Top + (ink.Bottom * scale));
        }
    }
}
