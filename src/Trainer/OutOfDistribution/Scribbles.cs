using System.Numerics;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>Lines without a plan, and specks.</summary>
internal static class Scribbles
{
    public static void Draw(InkCanvas canvas, ref CounterRandom random)
    {
        int lines = 1 + random.NextInt(3);
        float pen = Handwriting.Pen(ref random);
        for (int line = 0; line < lines; line++)
        {
            int count = 8 + random.NextInt(16);
            float curl = random.NextSymmetric(2.5f);
            float wild = 0.3f + (1.5f * random.NextSingle());
            float stride = 0.12f + (0.45f * random.NextSingle());
            var points = new Vector2[count];
            var widths = new float[count];
            var at = new Vector2(random.NextSingle(), random.NextSingle());
            float angle = random.NextSymmetric(MathF.PI);
            for (int p = 0; p < count; p++)
            {
                points[p] = InkCanvas.Place(at);
                widths[p] = pen;
                angle += (curl * stride) + (random.NextNormal() * wild);
                at += new Vector2(MathF.Cos(angle), MathF.Sin(angle)) * stride;
                if (at.X is < 0 or > 1 || at.Y is < 0 or > 1)
                {
                    at = Vector2.Clamp(at, Vector2.Zero, Vector2.One);
                    angle += MathF.PI / 2;
                }
            }

            canvas.Draw(points, widths);
        }
    }

    /// <summary>A dot, or a dash that lies rather than stands: a standing one is a 1.</summary>
    public static void DrawSpeck(InkCanvas canvas, ref CounterRandom random)
    {
        float length = random.NextSingle() < 0.3f ? 0 : 0.1f + (0.6f * random.NextSingle());
        float angle = random.NextSymmetric(0.5f);
        float pen = Handwriting.Pen(ref random) * (length > 0 ? 1 : 2);
        Vector2 half = new Vector2(MathF.Cos(angle), MathF.Sin(angle)) * (length / 2);
        Vector2 bend = new Vector2(-half.Y, half.X) * random.NextSymmetric(0.3f);
        var middle = new Vector2(0.5f);
        canvas.Draw(
            [InkCanvas.Place(middle - half), InkCanvas.Place(middle + bend), InkCanvas.Place(middle + half)],
            [pen, pen * (1 + random.NextSymmetric(0.3f)), pen * (1 + random.NextSymmetric(0.3f))]);
    }
}
