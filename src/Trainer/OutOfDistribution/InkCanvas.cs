using System.Numerics;
using MnistLstm.Shared;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>
/// A square sheet to draw on, about four times as fine as MNIST, brought to MNIST's form as the service would do it.
/// </summary>
public sealed class InkCanvas
{
    /// <summary>Pixels a side.</summary>
    public const int Side = 96;

    /// <summary>Paper between the drawing and the edge, in pixels.</summary>
    private const float Margin = 14;

    /// <summary>Pixels between two prints of the pen.</summary>
    private const float PenStep = 0.8f;

    private readonly float[] _ink = new float[Side * Side]; // 0 = paper, 1 = ink

    public void Clear() => Array.Clear(_ink);

    /// <summary>From the unit square to the sheet, inside its margin.</summary>
    public static Vector2 Place(Vector2 unit) => new Vector2(Margin) + (unit * (Side - (2 * Margin)));

    /// <summary>
    /// Draws a smooth line through points (Catmull and Rom, 1974), with the pen as wide as it is at each of them.
    /// </summary>
    /// <param name="points">In pixels. A point that comes twice is a corner.</param>
    /// <param name="widths">The pen's width at each point, in pixels.</param>
    public void Draw(ReadOnlySpan<Vector2> points, ReadOnlySpan<float> widths)
    {
        if (points.Length == 1)
        {
            Print(points[0], widths[0] / 2);
        }

        for (int i = 0; i + 1 < points.Length; i++)
        {
            Vector2 from = points[i];
            Vector2 to = points[i + 1];
            Vector2 before = i > 0 && points[i - 1] != from ? points[i - 1] : from - ((to - from) / 2);
            Vector2 after = i + 2 < points.Length && points[i + 2] != to ? points[i + 2] : to + ((to - from) / 2);
            int prints = 1 + (int)(1.3f * Vector2.Distance(from, to) / PenStep);
            for (int p = 0; p <= prints; p++)
            {
                float t = (float)p / prints;
                Vector2 at = 0.5f * ((2 * from) + (t * ((to - before) + (t * (
                    (2 * before) - (5 * from) + (4 * to) - after + (t * ((3 * from) - before - (3 * to) + after)))))));
                Print(at, (widths[i] + (t * (widths[i + 1] - widths[i]))) / 2);
            }
        }
    }

    /// <summary>Fills where the rule says so.</summary>
    /// <param name="isInk">Receives the pixel's center, in pixels.</param>
    public void Fill(Predicate<Vector2> isInk) => Change((at, ink) => isInk(at) ? 1 : ink);

    /// <summary>Draws an MNIST image.</summary>
    /// <param name="pixels">[28, 28].</param>
    /// <param name="center">Position of its middle, in pixels.</param>
    /// <param name="turn">Counterclockwise, in radians.</param>
    public void Draw(ReadOnlySpan<byte> pixels, Vector2 center, float scale, float turn = 0)
    {
        var toSource = Matrix3x2.CreateRotation(turn);
        const int side = RowSequence.TimeSteps;
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                Vector2 fromCenter = Vector2.Transform(new Vector2(x + 0.5f, y + 0.5f) - center, toSource) / scale;
                Vector2 source = fromCenter + new Vector2((side - 1) / 2f);
                if (source.X < 0 || source.Y < 0 || source.X >= side - 1 || source.Y >= side - 1)
                {
                    continue;
                }

                float ink = Bilinear.Sample(pixels, side, source.X, source.Y) / RowSequence.MaxPixel;
                ref float here = ref _ink[(y * Side) + x];
                here = MathF.Max(here, ink);
            }
        }
    }

    /// <summary>The pixels with ink, at their centers.</summary>
    public IEnumerable<Vector2> FindInk() =>
        _ink.Index().Where(pixel => pixel.Item > 0.5f).Select(pixel => Center(pixel.Index));

    /// <summary>Changes all ink.</summary>
    /// <param name="change">Receives the pixel's center, in pixels, and its ink; returns its new ink, 0 to 1.</param>
    public void Change(Func<Vector2, float, float> change)
    {
        for (int p = 0; p < _ink.Length; p++)
        {
            _ink[p] = change(Center(p), _ink[p]);
        }
    }

    /// <summary>
    /// Photographs the sheet with 45 to 100 % of its pixels a side, blurred, grainy and in uneven light.
    /// </summary>
    public GrayImage Photograph(ref CounterRandom random)
    {
        const int Samples = 4; // along either side of a pixel's aperture
        int side = (int)(Side * MathF.Pow(0.45f, random.NextSingle()));
        float pitch = (float)Side / side;
        float aperture = pitch * (1 + (1.5f * random.NextSingle() * random.NextSingle()));
        float paper = 130 + (125 * random.NextSingle());
        float contrast = 0.3f + (0.7f * random.NextSingle());
        float grain = 10 * random.NextSingle() * random.NextSingle();
        Vector2 slope = new Vector2(random.NextSymmetric(0.3f), random.NextSymmetric(0.3f)) / Side;
        var image = new GrayImage(side, side);
        for (int p = 0; p < side * side; p++)
        {
            var center = new Vector2(((p % side) + 0.5f) * pitch, ((p / side) + 0.5f) * pitch);
            float ink = 0;
            for (int s = 0; s < Samples * Samples; s++)
            {
                var offset = new Vector2((s % Samples) + 0.5f, (s / Samples) + 0.5f) / Samples;
                ink += At(center + ((offset - new Vector2(0.5f)) * aperture));
            }

            float light = paper * (1 + Vector2.Dot(slope, center - new Vector2(Side / 2f)));
            float level = (light * (1 - (contrast * ink / (Samples * Samples)))) + (grain * random.NextNormal());
            image.Pixels[p] = (byte)Math.Clamp(level + 0.5f, 0, RowSequence.MaxPixel);
        }

        return image;
    }

    /// <summary>The drawing as black ink on white paper, decoded and normalized, as the first candidate.</summary>
    /// <param name="digit">[28, 28], 0 = paper, 255 = ink.</param>
    /// <returns>False where nothing is on the sheet.</returns>
    public bool Normalize(Span<byte> digit)
    {
        using var image = new GrayImage(Side, Side);
        Span<byte> pixels = image.Pixels;
        for (int p = 0; p < pixels.Length; p++)
        {
            pixels[p] = (byte)(RowSequence.MaxPixel * (1 - _ink[p]));
        }

        return TryNormalize(image, number: 0, digit);
    }

    /// <summary>Writes a candidate of a picture: the service may choose any of them.</summary>
    /// <param name="number">The candidate, counted from 0; the first one if there are fewer.</param>
    /// <param name="digit">[28, 28], 0 = paper, 255 = ink.</param>
    /// <returns>False where there is no ink.</returns>
    public static bool TryNormalize(GrayImage picture, int number, Span<byte> digit)
    {
        List<DigitCandidate> candidates = [.. DigitNormalizer.Propose(picture).Take(number + 1)];
        DigitCandidate? candidate = candidates.ElementAtOrDefault(number) ?? candidates.FirstOrDefault();
        candidate?.Pixels.CopyTo(digit);
        return candidate is not null;
    }

    private static Vector2 Center(int pixel) => new((pixel % Side) + 0.5f, (pixel / Side) + 0.5f);

    private float At(Vector2 point)
    {
        (int x, int y) = ((int)MathF.Floor(point.X), (int)MathF.Floor(point.Y));
        return x is >= 0 and < Side && y is >= 0 and < Side ? _ink[(y * Side) + x] : 0;
    }

    /// <summary>A disc with an edge one pixel soft.</summary>
    private void Print(Vector2 center, float radius)
    {
        int left = Math.Max((int)(center.X - radius - 1), 0);
        int right = Math.Min((int)(center.X + radius + 1), Side - 1);
        int top = Math.Max((int)(center.Y - radius - 1), 0);
        int bottom = Math.Min((int)(center.Y + radius + 1), Side - 1);
        for (int y = top; y <= bottom; y++)
        {
            for (int x = left; x <= right; x++)
            {
                float distance = Vector2.Distance(new Vector2(x + 0.5f, y + 0.5f), center);
                ref float here = ref _ink[(y * Side) + x];
                here = MathF.Max(here, Math.Clamp(radius - distance + 0.5f, 0, 1));
            }
        }
    }
}
