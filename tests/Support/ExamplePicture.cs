using SkiaSharp;

namespace MnistLstm.Support;

/// <summary>The README's picture: a five drawn with a pen on paper in uneven light.</summary>
public static class ExamplePicture
{
    public const int Digit = 5;

    private const int Side = 240;

    public static string Location { get; } = Repository.PathOf("docs", "images", "five.png");

    /// <returns>A PNG file, 240x240, color.</returns>
    public static byte[] Draw()
    {
        using var bitmap = new SKBitmap(new SKImageInfo(Side, Side, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(bitmap);
        using SKShader light = SKShader.CreateLinearGradient(
            new SKPoint(0, 0), new SKPoint(Side, Side), [new SKColor(0xFD, 0xFB, 0xF4), new SKColor(0xD9, 0xD4, 0xC6)],
            SKShaderTileMode.Clamp);
        using var paper = new SKPaint { Shader = light };
        using var pen = new SKPaint
        {
            Color = new SKColor(0x23, 0x2F, 0x6B),
            IsAntialias = true,
            IsStroke = true,
            StrokeCap = SKStrokeCap.Round,
            StrokeJoin = SKStrokeJoin.Round,
            StrokeWidth = 11,
        };
        canvas.DrawRect(0, 0, Side, Side, paper);
        using SKPath strokes = Strokes();
        canvas.DrawPath(strokes, pen);
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, quality: 100);
        return data.ToArray();
    }

    /// <summary>The stem with the bowl, then the bar.</summary>
    private static SKPath Strokes() => SKPath.ParseSvgPathData(
        "M 98 62 C 95 80 91 95 88 110 C 104 97 129 96 141 112 C 157 134 146 170 114 178 C 97 182 84 176 76 166 M 99 "
        + "63 C 116 66 134 64 153 57");
}
