using System.Globalization;
using Microsoft.Playwright;
using SkiaSharp;

namespace MnistLstm.Browser.Tests;

/// <summary>
/// The pictures of the page that the README shows. They are taken in every run, into the artifacts; those in
/// docs/images are written only with <c>UPDATE_SNAPSHOTS=1</c>.
/// </summary>
public sealed class ScreenshotTests(Site site)
{
    private const string UpdateVariable = "UPDATE_SNAPSHOTS";

    private const int MaxBytes = 200_000;

    /// <summary>
    /// Pictures are compared by the mean color of blocks of this side, in pixels: edges of letters are drawn a little
    /// differently.
    /// </summary>
    private const int Block = 8;

    /// <summary>Levels of 255 by which the color of a block may differ.</summary>
    private const int MaxDifference = 24;

    /// <summary>The share of blocks that may differ more: times in milliseconds are never the same.</summary>
    private const double MaxShare = 0.005;

    private const int Drawn = 3;

    /// <summary>Free space above the film, in CSS pixels.</summary>
    private const int Edge = 16;

    private static readonly Visit Wide = Visit.Default with { Width = 1120, Height = 1000 };

    /// <summary>High enough for the drawing and all ten bars.</summary>
    private static readonly Visit Phone = Visit.Phone with { Height = 948 };

    /// <summary>The animation stays on a row this long, and on the last one longer.</summary>
    private static readonly TimeSpan RowTime = TimeSpan.FromMilliseconds(140);

    private static readonly TimeSpan LastRowTime = TimeSpan.FromSeconds(3);

    [Theory]
    [InlineData("page-light.webp", ColorScheme.Light)]
    [InlineData("page-dark.webp", ColorScheme.Dark)]
    public Task Screenshots_of_the_page_match_in_both_color_schemes(string name, ColorScheme scheme) =>
        site.VisitAsync(Wide with { Scheme = scheme, Scale = 2 }, async page =>
        {
            await page.DrawAsync(Drawn);
            await page.ShouldReadAsync(Drawn);

            using SKBitmap picture = await TakeAsync(page, await UpToTheCurvesAsync(page, from: 0));

            await KeepAsync(name, picture.Encode(SKEncodedImageFormat.Webp, quality: 90).ToArray());
        });

    [Fact]
    public Task Screenshots_of_the_page_match_on_a_phone() => site.VisitAsync(Phone, async page =>
    {
        await page.DrawAsync(Drawn);
        await page.ShouldReadAsync(Drawn);

        using SKBitmap picture = await TakeAsync(page, new Clip { Width = Phone.Width, Height = Phone.Height });

        await KeepAsync("page-phone.webp", picture.Encode(SKEncodedImageFormat.Webp, quality: 90).ToArray());
    });

    [Theory]
    [InlineData("reading-light.webp", ColorScheme.Light)]
    [InlineData("reading-dark.webp", ColorScheme.Dark)]
    public Task The_reading_is_filmed_row_by_row(string name, ColorScheme scheme) =>
        site.VisitAsync(Wide with { Scheme = scheme, Motion = ReducedMotion.Reduce }, async page =>
        {
            await page.DrawAsync(Drawn);
            await page.ShouldReadAsync(Drawn);
            LocatorBoundingBoxResult workbench = (await page.Page.Locator(".workbench").BoundingBoxAsync())!;
            Clip clip = await UpToTheCurvesAsync(page, from: workbench.Y - Edge);

            List<SKBitmap> rows = [];
            for (int row = 1; row <= DrawingPage.Rows; row++)
            {
                await page.RowsRead.FillAsync(row.ToString(CultureInfo.InvariantCulture));
                await page.RowsRead.EvaluateAsync("slider => slider.blur()");
                rows.Add(await TakeAsync(page, clip));
            }

            SKWebpEncoderFrame[] frames =
                [.. rows.Select((picture, i) =>
                    new SKWebpEncoderFrame(picture, i + 1 < DrawingPage.Rows ? RowTime : LastRowTime))];
            using SKData film =
                SKWebpEncoder.EncodeAnimated(frames, new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossy, 65))!;
            rows.ForEach(picture => picture.Dispose());

            await KeepAsync(name, film.ToArray());
        });

    /// <summary>All of the page's width, down to the curves and what moves along them.</summary>
    private static async Task<Clip> UpToTheCurvesAsync(DrawingPage page, float from)
    {
        LocatorBoundingBoxResult curves = (await page.Page.Locator("#watch").BoundingBoxAsync())!;
        return new Clip { Y = from, Width = Wide.Width, Height = curves.Y + curves.Height - from };
    }

    private static async Task<SKBitmap> TakeAsync(DrawingPage page, Clip clip) =>
        SKBitmap.Decode(await page.Page.ScreenshotAsync(new PageScreenshotOptions { Clip = clip }));

    /// <summary>
    /// Among the artifacts; and in docs/images where that is asked for, or else held to what a README can bear.
    /// </summary>
    private static async Task KeepAsync(string name, byte[] picture)
    {
        string folder = Path.Combine(Site.Artifacts, "screenshots");
        Directory.CreateDirectory(folder);
        await File.WriteAllBytesAsync(Path.Combine(folder, name), picture);
        string committed = Repository.PathOf("docs", "images", name);
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            await File.WriteAllBytesAsync(committed, picture);
        }

        (await File.ReadAllTextAsync(Repository.PathOf("README.md"))).ShouldContain($"docs/images/{name}");
        new FileInfo(committed).Length.ShouldBeLessThan(MaxBytes);
        double share = DifferentShare(await File.ReadAllBytesAsync(committed), picture);
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {share:P2} of the blocks differ");
        share.ShouldBeLessThanOrEqualTo(
            MaxShare,
            $"{name}: the page looks different now. If that is intended, run the test again with {UpdateVariable}=1.");
    }

    /// <summary>The share of blocks whose color differs; 1 where the sizes or the numbers of frames do.</summary>
    private static double DifferentShare(byte[] committed, byte[] taken)
    {
        using SKBitmap then = LastFrame(committed, out int framesThen);
        using SKBitmap now = LastFrame(taken, out int framesNow);
        if (framesThen != framesNow || then.Info.Size != now.Info.Size)
        {
            return 1;
        }

        var size = new SKSizeI(then.Width / Block, then.Height / Block);
        using SKBitmap a = Means(then, size);
        using SKBitmap b = Means(now, size);
        return a.Pixels.Zip(b.Pixels)
            .Count(pair => Differ(pair.First, pair.Second)) / (double)(size.Width * size.Height);
    }

    private static bool Differ(SKColor a, SKColor b) =>
        Math.Max(Math.Abs(a.Red - b.Red),
            Math.Max(Math.Abs(a.Green - b.Green), Math.Abs(a.Blue - b.Blue))) > MaxDifference;

    private static SKBitmap LastFrame(byte[] file, out int frames)
    {
        using SKCodec codec = SKCodec.Create(new MemoryStream(file));
        frames = codec.FrameCount;
        var bitmap = new SKBitmap(
            new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Premul));
        SKCodecResult result = frames > 1
            ? codec.GetPixels(bitmap.Info, bitmap.GetPixels(), new SKCodecOptions(frames - 1))
            : codec.GetPixels(bitmap.Info, bitmap.GetPixels());
        result.ShouldBe(SKCodecResult.Success);
        return bitmap;
    }

    /// <summary>Halving adds up every pixel; Skia's linear filter alone would leave some out.</summary>
    private static SKBitmap Means(SKBitmap picture, SKSizeI size) => picture.Resize(
        new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Premul),
        new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
}
