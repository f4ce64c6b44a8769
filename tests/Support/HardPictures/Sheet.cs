using SkiaSharp;

namespace MnistLstm.Support.HardPictures;

/// <summary>A picture of numbers, made from MNIST digits.</summary>
/// <param name="File">The picture file.</param>
/// <param name="Digits">The digits on it, in reading order.</param>
public sealed record Sheet(byte[] File, IReadOnlyList<SheetDigit> Digits)
{
    /// <summary>The first of MNIST's training images, which no training sees.</summary>
    private const int HeldOut = 5000;

    /// <summary>The digits of each line, lines separated by <c>\n</c>.</summary>
    public string Text => string.Join(
        '\n', Digits.GroupBy(digit => digit.Line).Select(line => string.Concat(line.Select(digit => digit.Label))));

    /// <summary>The sheet of this style and number, which decides everything about it.</summary>
    public static Sheet Make(MnistImages mnist, SheetStyle style, int number)
    {
        var random = new Random(unchecked((number * 486187739) + (((int)style + 101) * 16777619)));
        if (style is SheetStyle.Pasted or SheetStyle.PastedPair)
        {
            return PastedSheet.Make(mnist, style == SheetStyle.PastedPair, HeldOut, random);
        }

        float height = random.Between(30, 110);
        float pen = height * random.Between(0.05f, 0.12f);
        var layout = new SheetLayout(height, pen, random);
        int lines = style switch
        {
            SheetStyle.Lines => random.Next(2, 4),
            SheetStyle.Tilted or SheetStyle.Ruled or SheetStyle.Squared => random.Next(1, 3),
            _ => 1,
        };
        for (int line = 0; line < lines; line++)
        {
            WriteLine(layout, mnist, style, line, random);
        }

        layout.Finish(style switch
        {
            SheetStyle.Tilted => random.Between(3, 10) * (random.Next(2) == 0 ? 1 : -1),
            SheetStyle.FormBoxes => 0,
            _ => random.Between(-1, 1),
        });
        return new Sheet(Photograph(layout, style, random), layout.Digits);
    }

    private static void WriteLine(SheetLayout layout, MnistImages mnist, SheetStyle style, int line, Random random)
    {
        int count = style switch
        {
            SheetStyle.Separated => 4,
            SheetStyle.TouchingPair => 2,
            SheetStyle.Close => random.Next(3, 7),
            SheetStyle.Wide or SheetStyle.Lines => random.Next(1, 9),
            SheetStyle.Signs => random.Next(2, 7),
            _ => random.Next(2, 9),
        };
        layout.BeginLine(line);
        if (style == SheetStyle.Signs)
        {
            layout.AddMinus();
        }

        int point = style == SheetStyle.Signs ? random.Next(1, count) : -1;
        for (int i = 0; i < count; i++)
        {
            if (i == point)
            {
                layout.AddPoint();
            }

            int index = random.Next(HeldOut);
            var stroke = new PenStroke(mnist.Pixels(index));
            float size = style == SheetStyle.Mixed ? random.Between(0.65f, 1.3f) : random.Between(0.92f, 1.08f);
            float pen = style == SheetStyle.Mixed ? random.Between(0.6f, 1.5f) : 1;
            float strength = style == SheetStyle.Mixed ? random.Between(0.55f, 1) : 1;
            if (style == SheetStyle.FormBoxes)
            {
                layout.AddInCell(stroke, mnist.Label(index));
            }
            else
            {
                layout.Add(stroke, mnist.Label(index), size, pen, strength, Gap(style, random));
            }
        }
    }

    /// <summary>Least paper between two digits, as a share of the height; below 0 where they overlap.</summary>
    private static float Gap(SheetStyle style, Random random) => style switch
    {
        SheetStyle.TouchingPair => random.Between(-0.06f, -0.01f),
        SheetStyle.Close => random.Between(-0.05f, 0.12f),
        SheetStyle.Wide => random.Between(0.6f, 1.6f),
        _ => random.Between(0.12f, 0.5f),
    };

    private static byte[] Photograph(SheetLayout layout, SheetStyle style, Random random)
    {
        bool isPhoto = style is SheetStyle.Shadow or SheetStyle.Chalk || random.Next(2) == 0;
        float paper = isPhoto ? random.Between(0.6f, 0.92f) : random.Between(0.9f, 1);
        var photo = new Photo(layout.Width, layout.Height, paper, random);
        if (style is SheetStyle.Ruled or SheetStyle.Squared)
        {
            float spacing = layout.LetterHeight * random.Between(0.3f, 1);
            photo.Rule(spacing, random.Between(0.08f, 0.3f), style == SheetStyle.Squared);
        }

        if (style == SheetStyle.FormBoxes)
        {
            float darkness = random.Between(0.25f, 0.9f);
            layout.Cells.ForEach(cell => photo.PrintBox(cell, darkness));
        }

        photo.Write(layout.Draw(), paper * random.Between(0.05f, 0.4f), isPhoto ? random.Between(0, 0.3f) : 0);
        if (isPhoto)
        {
            photo.Roughen(random.Between(0.01f, 0.05f));
            photo.FallOff(random.Between(0.05f, 0.4f));
            photo.AddNoise(random.Between(0.004f, 0.02f));
        }

        if (style == SheetStyle.Shadow)
        {
            photo.CastShadow(random.Between(0.2f, 0.5f), random.Between(0.03f, 0.4f));
        }

        if (style == SheetStyle.Chalk)
        {
            photo.Invert();
        }

        return isPhoto
            ? photo.Encode(SKColors.Black, SKColors.White, blur: 0, SKEncodedImageFormat.Jpeg, random.Next(60, 95))
            : Pictures.GrayPng(photo.ToPixels(), layout.Width, layout.Height);
    }
}
