using System.Numerics;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>Writes a sign as an unsteady hand would.</summary>
/// <param name="Turn">The largest rotation either way, in radians.</param>
/// <param name="Slant">Sideways for a unit down, at most, either way.</param>
/// <param name="LogWidth">Natural logarithm of how much wider or narrower, at most.</param>
public sealed record Handwriting(float Turn, float Slant, float LogWidth)
{
    /// <summary>Pixels of the sheet for one of MNIST's.</summary>
    public const float Fine = 3.4f;

    // In pixels of MNIST, whose own strokes are 1.6 to 4.5 wide; the normalizer brings others to that.
    private const float ThinnestPen = 1.3f;
    private const float ThickestPen = 4.6f;

    public static Handwriting Letters { get; } = new(Turn: 0.22f, Slant: 0.4f, LogWidth: 0.3f);

    /// <summary>Digits are distinguished by their angles, so these vary less.</summary>
    public static Handwriting Digits { get; } = new(Turn: 0.1f, Slant: 0.25f, LogWidth: 0.25f);

    /// <summary>A width for the pen in pixels of the sheet, thin ones more often.</summary>
    public static float Pen(ref CounterRandom random) =>
        Fine * ThinnestPen * MathF.Pow(ThickestPen / ThinnestPen, random.NextSingle());

    public static void Write(InkCanvas canvas, Glyph glyph, Handwriting style, ref CounterRandom random)
    {
        float unsteady = 0.01f + (0.05f * random.NextSingle());
        Matrix3x2 hand = Matrix3x2.CreateScale(MathF.Exp(random.NextSymmetric(style.LogWidth)), 1)
            * new Matrix3x2(1, 0, random.NextSymmetric(style.Slant), 1, 0, 0)
            * Matrix3x2.CreateRotation(random.NextSymmetric(style.Turn));
        Vector2[][] strokes = new Vector2[glyph.Strokes.Length][];
        for (int s = 0; s < strokes.Length; s++)
        {
            Vector2[] points = [.. glyph.Strokes[s]];
            var offset = new Vector2(random.NextNormal(), random.NextNormal()) * (unsteady / 2);
            for (int p = 0; p < points.Length; p++)
            {
                bool isCorner = p > 0 && glyph.Strokes[s][p] == glyph.Strokes[s][p - 1];
                points[p] = isCorner
                    ? points[p - 1]
                    : Vector2.Transform(points[p] + offset
                        + (new Vector2(random.NextNormal(), random.NextNormal()) * unsteady), hand);
            }

            strokes[s] = points;
        }

        Fit(strokes);
        float pen = Pen(ref random);
        float pressure = random.NextSingle() < 0.5f ? 0 : 0.45f * random.NextSingle();
        foreach (Vector2[] points in strokes)
        {
            var widths = new float[points.Length];
            for (int p = 0; p < points.Length; p++)
            {
                widths[p] = pen * (1 + random.NextSymmetric(pressure));
            }

            canvas.Draw(points, widths);
        }
    }

    /// <summary>Scales the points evenly into the unit square and places them on the sheet.</summary>
    private static void Fit(Vector2[][] strokes)
    {
        var least = new Vector2(float.MaxValue);
        var most = new Vector2(float.MinValue);
        foreach (Vector2 point in strokes.SelectMany(points => points))
        {
            least = Vector2.Min(least, point);
            most = Vector2.Max(most, point);
        }

        float scale = 1 / MathF.Max(most.X - least.X, most.Y - least.Y);
        Vector2 middle = (least + most) / 2;
        foreach (Vector2[] points in strokes)
        {
            for (int p = 0; p < points.Length; p++)
            {
                points[p] = InkCanvas.Place(((points[p] - middle) * scale) + new Vector2(0.5f));
            }
        }
    }
}
