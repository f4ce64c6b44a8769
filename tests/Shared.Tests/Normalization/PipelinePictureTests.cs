using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;
using MnistLstm.Support.HardPictures;
using SkiaSharp;

namespace MnistLstm.Shared.Tests.Normalization;

/// <summary>
/// The pictures of <c>docs/pipeline.md</c>: a photo with the box of its digit, and what the network reads of it.
/// <c>UPDATE_SNAPSHOTS=1</c> writes them; otherwise the test compares them with the committed ones.
/// </summary>
public sealed class PipelinePictureTests
{
    private const int Height = 200;

    /// <summary>Mean difference in levels of 255, for encoders and processors that round differently.</summary>
    private const double RoundingDifference = 2;

    [Theory]
    [InlineData(PictureStyle.Ruled, 3)]
    [InlineData(PictureStyle.TableEdge, 8)]
    public void The_pictures_of_the_pipeline_match_the_code(PictureStyle style, int seed)
    {
        byte[] file = HardPicture.Make(Seven(), style, seed);
        ImageDecoder.Decode(file, ImageLimits.Default, out GrayImage? decoded);
        using GrayImage photo = decoded.ShouldNotBeNull();

        DigitCandidate digit = DigitNormalizer.Propose(photo).First();

        DrawBox(photo, digit.Box);
        ShouldBeCommitted(style, step: 1, photo.Pixels.ToArray(), photo.Width, photo.Height);
        ShouldBeCommitted(style, step: 2, digit.Pixels, RowSequence.Features, RowSequence.TimeSteps);
    }

    private static void ShouldBeCommitted(PictureStyle style, int step, byte[] pixels, int width, int height)
    {
        string path = Repository.PathOf("docs", "images", $"pipeline-{style}-{step}.png".ToLowerInvariant());
        byte[] file = Enlarged(pixels, width, height);
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllBytes(path, file);
        }

        MeanDifference(File.ReadAllBytes(path), file).ShouldBeLessThan(RoundingDifference, path);
    }

    /// <summary>Draws a black frame around the box.</summary>
    private static void DrawBox(GrayImage photo, in Region box)
    {
        int thickness = Math.Max(1, photo.Height / Height);
        Region picture = new(0, 0, photo.Width, photo.Height);
        Region outer = box.Grow(thickness).Meet(picture);
        for (int y = outer.Top; y < outer.Bottom; y++)
        {
            bool isInside = y >= box.Top && y < box.Bottom;
            Span<byte> row = photo.Row(y);
            row[outer.Left..(isInside ? box.Left : outer.Right)].Clear();
            row[box.Right..outer.Right].Clear();
        }
    }

    /// <summary>A 7 of our own, [28, 28].</summary>
    private static byte[] Seven()
    {
        using var bitmap = new SKBitmap(new SKImageInfo(28, 28, SKColorType.Gray8, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(bitmap);
        using var pen = new SKPaint
        {
            Color = SKColors.White,
            IsAntialias = true,
            Style = SKPaintStyle.Stroke,
            StrokeWidth = 2.4f,
            StrokeCap = SKStrokeCap.Round,
            StrokeJoin = SKStrokeJoin.Round,
        };
        using var line = new SKPathBuilder();
        line.MoveTo(7.5f, 6);
        line.LineTo(20, 5.5f);
        line.QuadTo(14.5f, 13, 12, 23.5f);
        using SKPath path = line.Detach();
        canvas.Clear(SKColors.Black);
        canvas.DrawPath(path, pen);
        return bitmap.GetPixelSpan().ToArray();
    }

    private static byte[] Enlarged(byte[] pixels, int width, int height)
    {
        using SKBitmap bitmap = SKBitmap.Decode(Pictures.GrayPng(pixels, width, height));
        var info = new SKImageInfo(Math.Max(1, width * Height / height), Height, SKColorType.Gray8, SKAlphaType.Opaque);
        bool grows = height < Height;
        SKSamplingOptions sampling = grows
            ? new SKSamplingOptions(SKFilterMode.Nearest)
            : new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear);
        using SKBitmap scaled = bitmap.Resize(info, sampling);
        using SKData data = scaled.Encode(SKEncodedImageFormat.Png, quality: 100);
        return data.ToArray();
    }

    private static double MeanDifference(byte[] committed, byte[] made)
    {
        using SKBitmap a = SKBitmap.Decode(committed);
        using SKBitmap b = SKBitmap.Decode(made);
        (a.Width, a.Height).ShouldBe((b.Width, b.Height));
        return a.Pixels.Zip(b.Pixels).Average(pair => Math.Abs(pair.First.Red - pair.Second.Red));
    }
}
