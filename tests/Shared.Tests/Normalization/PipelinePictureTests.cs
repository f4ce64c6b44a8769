using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;
using MnistLstm.Support.HardPictures;
using SkiaSharp;

namespace MnistLstm.Shared.Tests.Normalization;

/// <summary>
/// The pictures of <c>docs/pipeline.md</c>, one photo after every step. With <c>UPDATE_SNAPSHOTS=1</c> the test writes
/// them anew; otherwise it holds those that are committed to the code.
/// </summary>
public sealed class PipelinePictureTests
{
    private const int Height = 200;

    /// <summary>A photo is worked on at this size, in pixels.</summary>
    private const int PhotoSide = 256;

    // Mean difference in levels of 255: encoders and processors may round differently, another step shows.
    private const double SameToRounding = 2;

    [Theory]
    [InlineData(PictureStyle.Ruled, 3)]
    [InlineData(PictureStyle.TableEdge, 8)]
    public void The_pictures_of_the_steps_match_the_code(PictureStyle style, int seed)
    {
        byte[][] steps = Steps(HardPicture.Make(Seven(), style, seed), out int[] widths, out int[] heights);
        for (int step = 0; step < steps.Length; step++)
        {
            string path = Repository.PathOf("docs", "images", $"pipeline-{style}-{step + 1}.png".ToLowerInvariant());
            byte[] file = Enlarged(steps[step], widths[step], heights[step]);
            if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
            {
                File.WriteAllBytes(path, file);
            }

            MeanDifference(File.ReadAllBytes(path), file).ShouldBeLessThan(SameToRounding, path);
        }
    }

    private static byte[][] Steps(byte[] file, out int[] widths, out int[] heights)
    {
        ImageDecoder.Decode(file, ImageLimits.Default, out GrayImage? decoded);
        using GrayImage image = decoded.ShouldNotBeNull();
        using GrayImage contrast =
            BackgroundSubtraction.FromBackground(Downscale.ToSide(image, PhotoSide), isInkLight: false);
        InkThreshold threshold = InkThreshold.Find(contrast).ShouldNotBeNull();
        using ConnectedComponents ink = ConnectedComponents.Find(contrast, threshold.Low);
        ComponentSelection selection =
            ComponentSelection.Choose(ink.All, threshold.Peak, contrast.Width, contrast.Height, withoutOuter: false)
                .ShouldNotBeNull();
        using GrayImage strokes =
            threshold.ToInk(ink.Copy(selection.Chosen, MnistLayout.SoftEdge, selection.Digit.Box));
        byte[] cutOut = strokes.Pixels.ToArray();

        widths = [image.Width, contrast.Width, contrast.Width, strokes.Width, RowSequence.Features];
        heights = [image.Height, contrast.Height, contrast.Height, strokes.Height, RowSequence.TimeSteps];
        return
        [
            image.Pixels.ToArray(),
            contrast.Pixels.ToArray(),
            [.. contrast.Pixels.ToArray().Select(level => level >= threshold.Low ? (byte)255 : (byte)0)],
            cutOut,
            MnistLayout.Make(strokes),
        ];
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
        using SKBitmap scaled =
            bitmap.Resize(info,
                grows ? new SKSamplingOptions(SKFilterMode.Nearest) : new SKSamplingOptions(
                    SKFilterMode.Linear, SKMipmapMode.Linear));
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
