using System.Numerics;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>Shapes like those that normalization leaves of photos, charts and textures.</summary>
internal static class NonDigitShapes
{
    private const float Center = InkCanvas.Side / 2f;

    private enum Form
    {
        Ellipse,
        Rectangle,
        Triangle,
    }

    /// <summary>One filled shape, or several, added and cut out.</summary>
    public static void DrawShape(InkCanvas canvas, ref CounterRandom random)
    {
        // One hole in one shape would be a 0.
        int count = random.NextSingle() < 0.3f ? 1 : 2 + random.NextInt(5);
        var parts = new (Form Form, Matrix3x2 ToUnit, bool IsHole)[count];
        for (int i = 0; i < count; i++)
        {
            // A narrow one that stands alone would be a 1.
            float width = (count == 1 ? 18 : 5) + (25 * random.NextSingle());
            float height = (count == 1 ? 18 : 5) + (25 * random.NextSingle());
            Vector2 middle = new Vector2(Center)
                + (count == 1 ? default : new Vector2(random.NextSymmetric(22), random.NextSymmetric(22)));
            Matrix3x2 fromUnit = Matrix3x2.CreateScale(width, height)
                * Matrix3x2.CreateRotation(random.NextSymmetric(MathF.PI))
                * Matrix3x2.CreateTranslation(middle);
            Matrix3x2.Invert(fromUnit, out Matrix3x2 toUnit);
            parts[i] = ((Form)random.NextInt(3), toUnit, i > 2 && random.NextSingle() < 0.4f);
        }

        var bend = new Vector2(random.NextSymmetric(4), random.NextSymmetric(4));
        float wave = 0.05f + (0.15f * random.NextSingle());
        canvas.Fill(pixel =>
        {
            Vector2 bent = pixel + (bend * new Vector2(MathF.Sin(wave * pixel.Y), MathF.Sin(wave * pixel.X)));
            bool isInk = false;
            foreach ((Form form, Matrix3x2 toUnit, bool isHole) in parts)
            {
                isInk = Contains(form, Vector2.Transform(bent, toUnit)) ? !isHole : isInk;
            }

            return isInk;
        });
    }

    public static void DrawChart(InkCanvas canvas, float pen, ref CounterRandom random)
    {
        int count = 3 + random.NextInt(5);
        switch (random.NextInt(5))
        {
            case 0: // bars
                DrawBars(canvas, pen, count, ref random);
                break;
            case 1: // a line with axes
                DrawCurve(canvas, pen, count, ref random);
                break;
            case 2: // a grid or a table
                int rows = 2 + random.NextInt(4);
                for (int i = 0; i <= count; i++)
                {
                    Line(canvas, pen * 0.6f, new((float)i / count, 0), new((float)i / count, 1));
                }

                for (int i = 0; i <= rows; i++)
                {
                    Line(canvas, pen * 0.6f, new(0, (float)i / rows), new(1, (float)i / rows));
                }

                break;
            case 3: // a checkerboard
                float field = 68f / count;
                Vector2 corner = InkCanvas.Place(default);
                Vector2 end = InkCanvas.Place(Vector2.One);
                canvas.Fill(p => p.X > corner.X && p.Y > corner.Y && p.X < end.X && p.Y < end.Y
                    && ((int)((p.X - corner.X) / field) + (int)((p.Y - corner.Y) / field)) % 2 == 0);
                break;
            default: // a frame, perhaps with a cross or one in it
                float height2 = 0.45f + (0.55f * random.NextSingle());
                Frame(canvas, pen, default, new(1, height2));
                if (random.NextSingle() < 0.3f)
                {
                    Line(canvas, pen, default, new(1, height2));
                }

                if (random.NextSingle() < 0.4f)
                {
                    Frame(canvas, pen, new(0.3f, 0.3f * height2), new(0.7f, 0.7f * height2));
                }

                break;
        }
    }

    private static void DrawBars(InkCanvas canvas, float pen, int count, ref CounterRandom random)
    {
        Line(canvas, pen, new(0, 1), new(1, 1));
        for (int bar = 0; bar < count; bar++)
        {
            float height = 0.15f + (0.85f * random.NextSingle());
            float left = (bar + 0.2f) / count;
            float right = (bar + 0.8f) / count;
            Vector2 from = InkCanvas.Place(new(left, 1 - height));
            Vector2 to = InkCanvas.Place(new(right, 1));
            canvas.Fill(p => p.X >= from.X && p.X < to.X && p.Y >= from.Y && p.Y < to.Y);
        }
    }

    private static void DrawCurve(InkCanvas canvas, float pen, int count, ref CounterRandom random)
    {
        Line(canvas, pen, default, new(0, 1));
        Line(canvas, pen, new(0, 1), new(1, 1));
        Vector2 last = new(0, random.NextSingle());
        for (int i = 1; i <= count; i++)
        {
            Vector2 next = new((float)i / count, random.NextSingle());
            Line(canvas, pen, last, next);
            last = next;
        }
    }

    /// <summary>Smooth noise cut at a level, or stripes, within a round or square patch.</summary>
    public static void DrawTexture(InkCanvas canvas, ref CounterRandom random)
    {
        const int knots = 26;
        float spacing = 4 + (10 * random.NextSingle());
        float level = 0.4f + (0.2f * random.NextSingle());
        float stripes = random.NextSingle() < 0.3f ? 0.3f + (0.6f * random.NextSingle()) : 0;
        float angle = random.NextSymmetric(MathF.PI);
        var direction = new Vector2(MathF.Cos(angle), MathF.Sin(angle));
        bool isRound = random.NextSingle() < 0.4f;
        var field = new float[knots * knots];
        for (int k = 0; k < field.Length; k++)
        {
            field[k] = random.NextSingle();
        }

        canvas.Fill(p =>
        {
            Vector2 off = p - new Vector2(Center);
            if (isRound ? off.Length() > 38 : MathF.Max(MathF.Abs(off.X), MathF.Abs(off.Y)) > 36)
            {
                return false;
            }

            if (stripes > 0)
            {
                return MathF.Sin(stripes * Vector2.Dot(off, direction)) > (2 * level) - 1;
            }

            return Bilinear.Sample<float>(field, knots, p.X / spacing, p.Y / spacing) < level;
        });
    }

    private static bool Contains(Form form, Vector2 unit) => form switch
    {
        Form.Ellipse => unit.LengthSquared() < 1,
        Form.Rectangle => MathF.Abs(unit.X) < 1 && MathF.Abs(unit.Y) < 1,
        _ => unit.Y < 1 && unit.Y > (2 * MathF.Abs(unit.X)) - 1,
    };

    private static void Frame(InkCanvas canvas, float pen, Vector2 from, Vector2 to)
    {
        Line(canvas, pen, from, new(to.X, from.Y));
        Line(canvas, pen, new(to.X, from.Y), to);
        Line(canvas, pen, to, new(from.X, to.Y));
        Line(canvas, pen, new(from.X, to.Y), from);
    }

    private static void Line(InkCanvas canvas, float pen, Vector2 from, Vector2 to) =>
        canvas.Draw([InkCanvas.Place(from), InkCanvas.Place(to)], [pen, pen]);
}
